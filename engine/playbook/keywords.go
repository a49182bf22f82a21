package playbook

// Keywords are what plays, roles, blocks and tasks may set and what is inside
// inherits. Values are nil if unset; they may hold templates.
type Keywords struct {
	Become      Become
	Connect     Connect
	Flow        Flow
	Delegate    any              // delegate_to
	When        []Cond           // all of them, outer first
	Tags        []string         // the union, sorted
	Environment []any            // maps, outer first
	Defaults    []map[string]any // module_defaults: module to arguments, outer first
	Scopes      []map[string]any // vars of blocks and of the task, outer first; the play's are not here
	Notified    []any            // notify of blocks: added to every task's own
	// Doubt is why the task may not run at all, "" for every task as it is written:
	// the engine sets it for what is included under a condition that is not known.
	Doubt string
}

// Become says as whom a task runs on the host.
type Become struct{ On, Method, User, Flags, Exe any }

// Connect says how hosts are reached.
type Connect struct{ Via, Port, User any }

// Flow is how a task's outcome counts and how it is run.
type Flow struct {
	IgnoreErrors, IgnoreUnreachable any
	AnyErrorsFatal                  any
	RunOnce                         any
	CheckMode, Diff, NoLog          any
	Throttle, Timeout               any
	DelegateFacts                   any
}

// Inherit is k with what it leaves unset taken from outer: values are replaced,
// lists are outer's followed by k's. Neither is changed.
func (k Keywords) Inherit(outer Keywords) Keywords {
	k.Become = k.Become.inherit(outer.Become)
	k.Connect = Connect{or(k.Connect.Via, outer.Connect.Via), or(k.Connect.Port, outer.Connect.Port), or(k.Connect.User, outer.Connect.User)}
	k.Flow = k.Flow.inherit(outer.Flow)
	k.Delegate = or(k.Delegate, outer.Delegate)
	k.When = join(outer.When, k.When)
	k.Tags = union(outer.Tags, k.Tags)
	k.Environment = join(outer.Environment, k.Environment)
	k.Defaults = join(outer.Defaults, k.Defaults)
	k.Scopes = join(outer.Scopes, k.Scopes)
	k.Notified = join(outer.Notified, k.Notified)
	if k.Doubt == "" {
		k.Doubt = outer.Doubt
	}
	return k
}

func (b Become) inherit(o Become) Become {
	return Become{or(b.On, o.On), or(b.Method, o.Method), or(b.User, o.User), or(b.Flags, o.Flags), or(b.Exe, o.Exe)}
}

func (f Flow) inherit(o Flow) Flow {
	return Flow{
		IgnoreErrors: or(f.IgnoreErrors, o.IgnoreErrors), IgnoreUnreachable: or(f.IgnoreUnreachable, o.IgnoreUnreachable),
		AnyErrorsFatal: or(f.AnyErrorsFatal, o.AnyErrorsFatal), RunOnce: or(f.RunOnce, o.RunOnce),
		CheckMode: or(f.CheckMode, o.CheckMode), Diff: or(f.Diff, o.Diff), NoLog: or(f.NoLog, o.NoLog),
		Throttle: or(f.Throttle, o.Throttle), Timeout: or(f.Timeout, o.Timeout), DelegateFacts: or(f.DelegateFacts, o.DelegateFacts),
	}
}
