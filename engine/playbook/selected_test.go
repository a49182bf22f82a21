package playbook_test

import (
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/playbook"
)

func TestSelectedFollowsTheMeasuredTable(t *testing.T) {
	t.Parallel()
	all := []string{"", "t1", "t1,t2", "always", "never", "never,t1", "always,never"}
	for _, c := range []struct {
		only, skip string
		want       string // tag sets that run, by number in all
	}{
		{"", "", "0 1 2 3 6"},
		{"t1", "", "1 2 3 5 6"},
		{"t2", "", "2 3 6"},
		{"tagged", "", "1 2 3 6"},
		{"untagged", "", "0 3 6"},
		{"all", "", "0 1 2 3 6"},
		{"all,never", "", "0 1 2 3 4 5 6"},
		{"never", "", "3 4 5 6"},
		{"always", "", "3 6"},
		{"", "always", "0 1 2"},
		{"", "t1", "0 3 6"},
		{"t2", "t1", "3 6"},
		{"t1", "t1", "3 6"},
		{"", "tagged", "0"},
		{"", "untagged", "1 2 3 6"},
		{"", "all", "3 6"},
		{"", "all,always", ""},
		{"", "never", "0 1 2 3"},
	} {
		var got []string
		for i, tags := range all {
			if playbook.Selected(list(tags), list(c.only), list(c.skip)) {
				got = append(got, string(rune('0'+i)))
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("--tags %q --skip-tags %q: runs %q, want %q", c.only, c.skip, s, c.want)
		}
	}
}

func list(csv string) []string {
	if csv == "" {
		return nil
	}
	return strings.Split(csv, ",")
}
