package playbook

import "slices"

// Selected tells whether something with these tags runs under --tags only and
// --skip-tags skip; an empty only stands for all. The words all, tagged and
// untagged in only and skip stand for what they say; always and never are tags
// with a meaning of their own. What skip names is skipped whatever only says.
func Selected(tags, only, skip []string) bool {
	if skips(tags, skip) {
		return false
	}
	if len(only) == 0 {
		only = []string{"all"}
	}
	never, always := slices.Contains(tags, "never"), slices.Contains(tags, "always")
	switch {
	case always, shares(tags, only):
		return true
	case never:
		return false
	case slices.Contains(only, "all"):
		return true
	case len(tags) > 0:
		return slices.Contains(only, "tagged")
	}
	return slices.Contains(only, "untagged")
}

// skips tells whether skip takes tags out. Of all, which would leave nothing,
// always is an exception unless it is named too.
func skips(tags, skip []string) bool {
	switch {
	case shares(tags, skip):
		return true
	case slices.Contains(skip, "all"):
		return !slices.Contains(tags, "always")
	case len(tags) > 0:
		return slices.Contains(skip, "tagged")
	}
	return slices.Contains(skip, "untagged")
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
