package module

import (
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// Schema is derived from an argument struct. Each exported field is an argument;
// an embedded struct adds its fields. The tags are
//
//	arg:"name,required,alias=other,flags=m"
//	default:"text, decoded as if written in YAML"
//	enum:"a|b|c"
//	target:"path"  the kind of thing on the host that the argument names
//
// A field of type map[string]any with the name * takes every argument that no
// other field is called.
type Schema struct {
	Type   reflect.Type // the struct, for documentation
	fields func() []Field
}

// Fields are the arguments, in the order of the struct. They are derived when they are
// first wanted: a runner has many modules and uses few.
func (s *Schema) Fields() []Field { return s.fields() }

// Field is one argument. If Target is set, the task changes the thing of that
// kind that the argument names: what is left of a task whose other arguments are
// unknown is that it may change this.
type Field struct {
	Name     string
	Aliases  []string
	Type     Type
	Required bool
	Default  string
	Enum     []string
	Target   string
	Flags    string       // of a Pattern: those that it begins with
	Owner    reflect.Type // the struct that declares the field
	GoName   string       // its name there; the comment above it is its documentation
	index    []int
	goType   reflect.Type
}

// Type is the YAML form of an argument, as documentation names it.
type Type string

// The types of arguments.
const (
	String     Type = "str"
	Bool       Type = "bool"
	Int        Type = "int"
	Float      Type = "float"
	List       Type = "list"
	Dict       Type = "dict"
	Any        Type = "any"
	ModeBits   Type = "mode"
	Masked     Type = "secret"
	LateText   Type = "late secret"
	FileSource Type = "source"
	// DocumentList is an inline list of maps, YAML text, or names of files with it.
	DocumentList Type = "documents"
	Regexp       Type = "pattern"
	SourceHost   Type = "host"
	LocalName    Type = "controller path"
	Rendered     Type = "template"
	Tests        Type = "conditions"
	Pipeline     Type = "expression"
)

// types are the argument types that are not of a basic kind.
var types = map[reflect.Type]Type{
	reflect.TypeFor[Mode](): ModeBits, reflect.TypeFor[Secret](): Masked, reflect.TypeFor[Source](): FileSource,
	reflect.TypeFor[Template](): Rendered, reflect.TypeFor[Conditions](): Tests, reflect.TypeFor[Expression](): Pipeline,
	reflect.TypeFor[fs.FileMode](): ModeBits, reflect.TypeFor[Text](): String, reflect.TypeFor[Late](): LateText,
	reflect.TypeFor[Documents](): DocumentList, reflect.TypeFor[HostName](): SourceHost, reflect.TypeFor[LocalPath](): LocalName,
	reflect.TypeFor[Pattern](): Regexp,
}

// rest is the name of the field that takes all other arguments.
const rest = "*"

// Field finds an argument by name or alias; nil if there is none, or if it is
// taken by the field called *.
func (s *Schema) Field(name string) *Field {
	fs := s.Fields()
	for i := range fs {
		if f := &fs[i]; f.Name != rest && (f.Name == name || slices.Contains(f.Aliases, name)) {
			return f
		}
	}
	return nil
}

// Open reports whether arguments of any name are taken.
func (s *Schema) Open() bool {
	return slices.ContainsFunc(s.Fields(), func(f Field) bool { return f.Name == rest })
}

// Names are the names of all arguments, aliases and * left out, in order.
func (s *Schema) Names() (out []string) {
	for _, f := range s.Fields() {
		if f.Name != rest {
			out = append(out, f.Name)
		}
	}
	return out
}

// Targets are the keys that a task with args would change; all is false if one
// of them is itself unknown, or a path that only the host can make absolute.
func (s *Schema) Targets(args Args) (out []system.Key, all bool) {
	all = true
	for _, f := range s.Fields() {
		if f.Target == "" {
			continue
		}
		v := f.value(args)
		if v == nil && f.Default != "" {
			v = f.Default
		}
		for _, v := range listed(v) {
			switch v := v.(type) {
			case string:
				out = append(out, system.Named(f.Target, v))
				all = all && (f.Target != "path" || strings.HasPrefix(v, "/"))
			case unknown.Value:
				all = false
			}
		}
	}
	return out, all
}

func listed(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case nil:
		return nil
	}
	return []any{v}
}

// value is the argument as given, by name or alias; nil if it is not.
func (f *Field) value(args Args) any {
	if f.Name == rest {
		return nil
	}
	if v, ok := args[f.Name]; ok {
		return v
	}
	for _, n := range f.Aliases {
		if v, ok := args[n]; ok {
			return v
		}
	}
	return nil
}

func schemaOf(t reflect.Type) *Schema {
	return &Schema{Type: t, fields: sync.OnceValue(func() []Field { return fieldsOf(nil, t, nil) })}
}

// fieldsOf appends the fields of t, which lies at index in the argument struct. A
// field without an arg tag, or of a type that no argument can have, is a mistake
// in the module's source.
func fieldsOf(out []Field, t reflect.Type, index []int) []Field {
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(slices.Clone(index), i)
		if sf.Anonymous {
			out = fieldsOf(out, sf.Type, at)
			continue
		}
		f := Field{Owner: t, GoName: sf.Name, index: at, goType: sf.Type, Type: typeOf(sf.Type),
			Default: sf.Tag.Get("default"), Target: sf.Tag.Get("target")}
		words := strings.Split(sf.Tag.Get("arg"), ",")
		f.Name = words[0]
		for _, w := range words[1:] {
			if a, ok := strings.CutPrefix(w, "alias="); ok {
				f.Aliases = append(f.Aliases, a)
			}
			if flags, ok := strings.CutPrefix(w, "flags="); ok {
				f.Flags = flags
			}
			f.Required = f.Required || w == "required"
		}
		if e := sf.Tag.Get("enum"); e != "" {
			f.Enum = strings.Split(e, "|")
		}
		if f.Name == "" || f.Type == "" {
			panic(fmt.Sprintf("field %s.%s has no arg tag or a type that is no argument", t, sf.Name))
		}
		out = append(out, f)
	}
	return out
}

func typeOf(t reflect.Type) Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if k, ok := types[t]; ok {
		return k
	}
	switch t.Kind() {
	case reflect.String:
		return String
	case reflect.Bool:
		return Bool
	case reflect.Int, reflect.Int64:
		return Int
	case reflect.Float64:
		return Float
	case reflect.Slice:
		return List
	case reflect.Map:
		return Dict
	case reflect.Interface:
		return Any
	}
	return ""
}
