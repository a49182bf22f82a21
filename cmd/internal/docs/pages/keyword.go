package pages

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/playbook/load"
)

// meanings say what each keyword does.
var meanings = map[string]string{
	"action":              "The module and its arguments as text: `action: copy src=a dest=/b`.",
	"always":              "Tasks that run after block and rescue, whatever came of them; not on a host that is unreachable.",
	"any_errors_fatal":    "A failure on one host fails all hosts, once all have finished the task.",
	"args":                "Arguments of the module, beside those that it is given.",
	"become":              "Run as another user.",
	"become_exe":          "The program to become with.",
	"become_flags":        "Flags for it.",
	"become_method":       "`sudo`, `su` or `doas`.",
	"become_user":         "The user to become; root if not set.",
	"block":               "Tasks that share keywords, and rescue and always.",
	"changed_when":        "Conditions: whether an opaque command has changed anything. Other changes are counted, not judged.",
	"check_mode":          "`true`: check only, also in a run. `false`: really run, also in a check.",
	"collections":         "Accepted and without effect: a module has one name.",
	"connection":          "`ssh` or `local`.",
	"delay":               "Seconds between tries; 5 if not set.",
	"delegate_facts":      "Facts go to the host that the task is delegated to.",
	"delegate_to":         "The host that does the task instead; variables stay those of the task's own host.",
	"diff":                "Show what changes, or not, whatever the command line says.",
	"environment":         "Environment variables of the module's commands. Added to those from outside.",
	"failed_when":         "Conditions: whether the task has failed.",
	"force_handlers":      "Run notified handlers on hosts that failed, too.",
	"gather_facts":        "Gather facts first; `true` if not set.",
	"gather_subset":       "Accepted and without effect: all facts come in one round trip.",
	"handlers":            "Tasks that run when they are notified.",
	"hosts":               "The hosts: a pattern, or a list of patterns. Required.",
	"ignore_errors":       "A failure of the task does not count.",
	"ignore_unreachable":  "A host that cannot be reached for this task goes on with the next one.",
	"listen":              "Further names that the handler answers to.",
	"local_action":        "As action, delegated to localhost.",
	"loop":                "A list: the task runs once for each element.",
	"loop_control":        "`loop_var`, `index_var`, `label`, `pause`, `extended`.",
	"max_fail_percentage": "Stop when more than this share of the batch's hosts has failed. Unreachable hosts do not count.",
	"module_defaults":     "Default arguments by module. Added to those from outside; the inner one wins.",
	"name":                "What is shown. It may hold templates.",
	"no_log":              "Show the status of the task and nothing else.",
	"notify":              "Handlers to run if the task changes something. Added to those from outside.",
	"order":               "`inventory`, `sorted`, `reverse_sorted`, `reverse_inventory` or `shuffle`.",
	"port":                "The port of sshd.",
	"post_tasks":          "Tasks after roles and tasks, and after the handlers that these notified.",
	"pre_tasks":           "Tasks before the roles. Handlers that they notify run before the roles, too.",
	"register":            "The variable that stores the result.",
	"remote_user":         "The user to log in as.",
	"rescue":              "Tasks that run on the hosts on which the block failed; they take the failure back.",
	"retries":             "How many further tries `until` has; 3 if not set.",
	"role":                "The role's name. Other keys beside it are its parameters.",
	"roles":               "Roles, which run before tasks.",
	"run_once":            "Run on the first host of the batch; all others get its result.",
	"serial":              "How many hosts at a time: a number, a share such as `\"30%\"`, or a list of these.",
	"strategy":            "`linear`: a task ends on all hosts before the next begins. `free`: each host goes on by itself.",
	"tags":                "Words for `--tags` and `--skip-tags`. Added to those from outside.",
	"tasks":               "The tasks.",
	"throttle":            "At most so many hosts run the task at the same time.",
	"timeout":             "Seconds until the task is stopped and has failed.",
	"until":               "Conditions: try again until they are true.",
	"vars":                "Variables.",
	"vars_files":          "Files of variables. Of an element that is a list, the first that exists.",
	"vars_prompt":         "Variables to ask for: `name`, `prompt`, `default`, `private`, `confirm`.",
	"when":                "Conditions: whether to run at all. Added to those from outside, which come first.",
}

// things are what has keywords, and how the table's head calls them.
var things = []struct{ name, head string }{
	{"a play", "play"}, {"a role", "role"}, {"a block", "block"}, {"a task", "task"}, {"a handler", "handler"}, {"an import", "import"}, {"an include", "include"},
}

// keywords is the table of keywords.
func keywords() (name, text string, err error) {
	var sb strings.Builder
	sb.WriteString("| keyword |")
	for _, t := range things {
		fmt.Fprintf(&sb, " %s |", t.head)
	}
	sb.WriteString(" inherited | meaning |\n| --- |" + strings.Repeat(" :-: |", len(things)+1) + " --- |\n")
	for _, k := range load.Keywords() {
		if meanings[k.Name] == "" {
			return "keywords", "", fmt.Errorf("keyword %s has no meaning in cmd/internal/docs/pages/keyword.go", k.Name)
		}
		fmt.Fprintf(&sb, "| `%s` |", k.Name)
		for _, t := range things {
			fmt.Fprintf(&sb, " %s |", mark(slices.Contains(k.Of, t.name)))
		}
		fmt.Fprintf(&sb, " %s | %s |\n", mark(k.Inherited), meanings[k.Name])
	}
	return "keywords", sb.String(), nil
}

func mark(on bool) string {
	if on {
		return "x"
	}
	return ""
}

// refused is the table of Ansible's keywords that there are not.
func refused() (name, text string, err error) {
	var sb strings.Builder
	sb.WriteString("| keyword | instead |\n| --- | --- |\n")
	gone := load.Refused()
	for _, k := range slices.Sorted(maps.Keys(gone)) {
		fmt.Fprintf(&sb, "| `%s` | %s |\n", k, cell(gone[k]))
	}
	return "refused keywords", sb.String(), nil
}
