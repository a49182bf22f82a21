package funcs

// borrowed are the functions taken from sprig as they are. What is not here is
// left out on purpose, and a test names the reason for each.
func borrowed() []string {
	return []string{
		// text
		"abbrev", "abbrevboth", "trunc", "trim", "upper", "lower", "title", "untitle", "substr", "trimAll", "trimSuffix", "trimPrefix", "nospace",
		"initials", "swapcase", "snakecase", "camelcase", "kebabcase", "wrap", "contains", "hasPrefix", "hasSuffix", "cat", "plural", "toString",
		"sha1sum", "sha256sum", "sha512sum", "adler32sum", "split", "splitList", "splitn", "toStrings", "sortAlpha",
		// numbers
		"atoi", "int64", "int", "float64", "toDecimal", "add1", "add", "sub", "mul", "add1f", "addf", "subf", "divf", "mulf",
		"biggest", "max", "min", "maxf", "minf", "ceil", "floor", "round", "duration",
		// defaults
		"default", "empty", "coalesce", "all", "any", "ternary", "fail",
		// kinds
		"typeOf", "typeIs", "typeIsLike", "kindOf", "kindIs", "deepEqual", "deepCopy",
		// paths and encodings
		"base", "dir", "clean", "ext", "isAbs", "b64enc", "b64dec", "b32enc", "b32dec", "urlParse", "urlJoin",
		// lists and maps
		"list", "tuple", "dict", "pick", "append", "prepend", "first", "rest", "last", "initial", "reverse", "uniq", "without", "has",
		"slice", "concat", "dig", "chunk", "compact",
		// versions and patterns
		"semver", "semverCompare", "regexMatch", "regexFindAll", "regexFind", "regexSplit", "regexQuoteMeta",
	}
}
