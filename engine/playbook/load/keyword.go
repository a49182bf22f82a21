package load

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/source"
)

// place is a set of kinds of things that have keywords.
type place uint8

const (
	inPlay place = 1 << iota
	inRole
	inBlock
	inTask
	inHandler
	inImport   // import_tasks, import_role
	inInclude  // include_tasks, include_role
	everywhere = inPlay | inRole | inBlock | inTask | inHandler | inImport
	inside     = everywhere &^ inPlay
)

func (w place) String() string {
	return map[place]string{inPlay: "a play", inRole: "a role", inBlock: "a block", inTask: "a task",
		inHandler: "a handler", inImport: "an import", inInclude: "an include"}[w]
}

// keyword says where one is allowed, and what becomes of its value if it is one
// that is inherited. The others are read by those who know them.
type keyword struct {
	where place
	set   func(*reader, *playbook.Keywords, source.Pair)
}

type keywords = playbook.Keywords

var known = map[string]keyword{
	"name":               {everywhere | inInclude, nil},
	"vars":               {everywhere | inInclude, func(r *reader, k *keywords, p source.Pair) { k.Scopes = one(r.vars(p)) }},
	"tags":               {everywhere | inInclude, func(r *reader, k *keywords, p source.Pair) { k.Tags = r.tags(p) }},
	"when":               {inside | inInclude, func(r *reader, k *keywords, p source.Pair) { k.When = r.conds(p) }},
	"environment":        {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Environment = r.environment(p) }},
	"module_defaults":    {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Defaults = r.defaults(p) }},
	"become":             {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Become.On = r.truth(p) }},
	"become_method":      {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Become.Method = r.textual(p) }},
	"become_user":        {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Become.User = r.textual(p) }},
	"become_flags":       {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Become.Flags = r.textual(p) }},
	"become_exe":         {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Become.Exe = r.textual(p) }},
	"connection":         {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Connect.Via = r.textual(p) }},
	"port":               {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Connect.Port = r.number(p, true) }},
	"remote_user":        {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Connect.User = r.textual(p) }},
	"ignore_errors":      {everywhere | inInclude, func(r *reader, k *keywords, p source.Pair) { k.Flow.IgnoreErrors = r.truth(p) }},
	"ignore_unreachable": {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Flow.IgnoreUnreachable = r.truth(p) }},
	"any_errors_fatal":   {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Flow.AnyErrorsFatal = r.truth(p) }},
	"run_once":           {everywhere | inInclude, func(r *reader, k *keywords, p source.Pair) { k.Flow.RunOnce = r.truth(p) }},
	"check_mode":         {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Flow.CheckMode = r.truth(p) }},
	"diff":               {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Flow.Diff = r.truth(p) }},
	"no_log":             {everywhere | inInclude, func(r *reader, k *keywords, p source.Pair) { k.Flow.NoLog = r.truth(p) }},
	"throttle":           {everywhere, func(r *reader, k *keywords, p source.Pair) { k.Flow.Throttle = r.number(p, true) }},
	"timeout":            {everywhere | inInclude, func(r *reader, k *keywords, p source.Pair) { k.Flow.Timeout = r.number(p, true) }},
	"delegate_to":        {inside, func(r *reader, k *keywords, p source.Pair) { k.Delegate = r.textual(p) }},
	"delegate_facts":     {inside, func(r *reader, k *keywords, p source.Pair) { k.Flow.DelegateFacts = r.truth(p) }},
	"notify":             {inBlock | inTask | inHandler | inImport, nil},
	"collections":        {everywhere | inInclude, nil}, // every module has one name only

	"hosts": {inPlay, nil}, "gather_facts": {inPlay, nil}, "gather_subset": {inPlay, nil}, "vars_files": {inPlay, nil},
	"vars_prompt": {inPlay, nil}, "roles": {inPlay, nil}, "pre_tasks": {inPlay, nil}, "tasks": {inPlay, nil},
	"post_tasks": {inPlay, nil}, "handlers": {inPlay, nil}, "force_handlers": {inPlay, nil}, "max_fail_percentage": {inPlay, nil},
	"serial": {inPlay, nil}, "strategy": {inPlay, nil}, "order": {inPlay, nil},

	"role":  {inRole, nil},
	"block": {inBlock, nil}, "rescue": {inBlock, nil}, "always": {inBlock, nil},

	"action": {inTask | inHandler, nil}, "local_action": {inTask | inHandler, nil},
	"args": {inTask | inHandler | inImport | inInclude, nil}, "register": {inTask | inHandler | inInclude, nil},
	"loop": {inTask | inHandler | inInclude, nil}, "loop_control": {inTask | inHandler | inInclude, nil},
	"until": {inTask | inHandler, nil}, "retries": {inTask | inHandler, nil}, "delay": {inTask | inHandler, nil},
	"changed_when": {inTask | inHandler, nil}, "failed_when": {inTask | inHandler, nil}, "listen": {inHandler, nil},
}

// gone are keywords that Ansible has, or had, and gokube has not, with the way out.
var gone = map[string]string{
	"async":          "remove it: a task waits for its command; timeout limits how long",
	"poll":           "remove it: a task waits for its command; timeout limits how long",
	"debugger":       "remove it",
	"gather_timeout": "remove it: facts are read in one round trip",
	"fact_path":      "remove it: read such files with a task",
	"sudo":           "write become",
	"sudo_user":      "write become_user",
	"user":           "write remote_user",
	"include":        "write import_tasks, or include_tasks if its name is only known at run time",
}

// Keyword is one word of the language, for documentation.
type Keyword struct {
	Name      string
	Of        []string // a play, a role, a block, a task, a handler, an import, an include
	Inherited bool     // what is inside has it too
}

// Keywords are all that plays, roles, blocks, tasks, handlers, imports and
// includes may have, by name.
func Keywords() (out []Keyword) {
	for _, name := range slices.Sorted(maps.Keys(known)) {
		k := Keyword{Name: name, Inherited: known[name].set != nil || name == "notify"}
		for at := inPlay; at <= inInclude; at <<= 1 {
			if known[name].where&at != 0 {
				k.Of = append(k.Of, at.String())
			}
		}
		out = append(out, k)
	}
	return out
}

// Refused are the keywords of Ansible that gokube does not have, each with the way
// out. The map is the caller's.
func Refused() map[string]string { return maps.Clone(gone) }

func one(m map[string]any) []map[string]any {
	if m == nil {
		return nil
	}
	return []map[string]any{m}
}

// inherited are those keywords among pairs that are inherited.
func (r *reader) inherited(pairs []source.Pair, where place) (k playbook.Keywords) {
	for _, p := range pairs {
		if w, ok := known[p.Key]; ok && w.set != nil && w.where&where != 0 && !source.IsNull(p.Value) {
			w.set(r, &k, p)
		}
	}
	return k
}

// legal tells whether key may stand at where.
func legal(key string, where place) bool {
	return known[key].where&where != 0 || strings.HasPrefix(key, "with_") && known["loop"].where&where != 0
}

// refuse reports a key that may not stand at where.
func (r *reader) refuse(p source.Pair, where place) {
	hint, removed := gone[p.Key]
	w, is := known[p.Key]
	switch {
	case removed && p.Key == "include":
		r.fail(p.At, "include was removed", "", hint)
	case removed:
		r.fail(p.At, "keyword not supported", p.Key, hint)
	case is || strings.HasPrefix(p.Key, "with_"):
		r.fail(p.At, "keyword not allowed here", fmt.Sprintf("%q in %v", p.Key, where), elsewhere(p.Key, w.where, where))
	case where == inBlock && r.spec(p.Key) != nil:
		r.fail(p.At, "module beside a block", p.Key, "put it in the list under block")
	default:
		r.fail(p.At, "unknown keyword", fmt.Sprintf("%q in %v", p.Key, where), diag.Suggest(p.Key, names(where)))
	}
}

// elsewhere is where key could stand instead of where.
func elsewhere(key string, allowed, where place) string {
	loop := key == "loop" || strings.HasPrefix(key, "with_")
	switch {
	case where == inImport && loop:
		return "only an include can be looped"
	case where == inInclude && allowed&inBlock != 0:
		return "put it below apply, to have it for what is included"
	case where == inBlock && (loop || allowed&inTask != 0):
		return "put it on the tasks in the block"
	case where == inPlay && (loop || allowed&inTask != 0):
		return "put it on the roles, blocks or tasks of the play"
	}
	return ""
}

// names are the keywords that may stand at where.
func names(where place) (out []string) {
	for _, key := range slices.Sorted(maps.Keys(known)) {
		if known[key].where&where != 0 {
			out = append(out, key)
		}
	}
	return out
}

// checkKeys refuses what may not stand at where.
func (r *reader) checkKeys(pairs []source.Pair, where place) {
	for _, p := range pairs {
		if !legal(p.Key, where) {
			r.refuse(p, where)
		}
	}
}

// pair is the pair with a key, nil if there is none or its value is empty.
func pair(pairs []source.Pair, key string) *source.Pair {
	for i := range pairs {
		if pairs[i].Key == key && !source.IsNull(pairs[i].Value) {
			return &pairs[i]
		}
	}
	return nil
}
