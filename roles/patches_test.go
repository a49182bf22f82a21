package roles_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPatchesAreTakenInBothForms holds kubeadm_patches to be a list, as kubespray's
// users write it, or files by their names.
func TestPatchesAreTakenInBothForms(t *testing.T) {
	t.Parallel()
	book := filepath.Join(t.TempDir(), "book.yml")
	text := "- hosts: kube_control_plane\n  roles: [cluster-defaults]\n  tasks:\n    - fail: {msg: \"{{ toJson .kubeadm_patch_files }}\"}\n"
	if err := os.WriteFile(book, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	patch := map[string]any{"metadata": map[string]any{"annotations": map[string]any{"a": "b"}}}
	const written = `{"metadata":{"annotations":{"a":"b"}}}`
	for want, given := range map[string]any{
		`{}`: []any{},
		`{"kube-apiserver0+strategic.yaml":` + written + `,"kubeletconfiguration1+merge.yaml":{"maxPods":77}}`: []any{
			map[string]any{"target": "kube-apiserver", "patch": patch},
			map[string]any{"target": "kubeletconfiguration", "type": "merge", "patch": map[string]any{"maxPods": 77}},
		},
		`{"etcd.yaml":` + written + `}`: map[string]any{"etcd.yaml": patch},
	} {
		if said := play(t, book, three, sound(), map[string]any{"kubeadm_patches": given})["a"]; strings.TrimSpace(said) != want {
			t.Errorf("got  %s\nwant %s", said, want)
		}
	}
}
