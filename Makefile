# gokube's tasks; `make help` lists them.
SHELL      := /bin/sh
GO         ?= go
VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS    := -s -w -X github.com/gokube/gokube/cmd/internal/cli.release=$(VERSION)
DATA       := cmd/internal/payload/data
# What travels to hosts: calls are not inlined, which saves a twentieth, functions
# begin where the one before ends (2 %), the names of generic ones are digests (1 %), and
# what is made by size is on the heap (0.3 %).
SMALL      := -trimpath -buildvcs=false -ldflags "-s -w -funcalign=4" -gcflags="all=-l -d=maxshapelen=16,variablemakethreshold=0"
# Without the garbage collector for large heaps (0.8 %), if this Go has another one.
SMALLEXP   := $(shell GOEXPERIMENT=nogreenteagc $(GO) version >/dev/null 2>&1 && echo nogreenteagc)
LINT       := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME   ?= 10s
BENCHTIME  ?= 1s
export CGO_ENABLED ?= 0

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: runner ## gokube and the runners, into bin/
	$(GO) build -trimpath -ldflags "$(LDFLAGS)" -o bin/gokube ./cmd/gokube
	@for f in $(DATA)/*.gz; do n=$$(basename $$f .gz); gunzip -c $$f > bin/$$n && chmod 755 bin/$$n; done

.PHONY: runner
runner: ## the programs that run on hosts, embedded into gokube
	@mkdir -p $(DATA) bin
	@for arch in amd64 arm64; do for p in gokube-runner gokube-kube-runner gokube-tool; do \
	  GOEXPERIMENT=$(SMALLEXP) GOOS=linux GOARCH=$$arch $(GO) build $(SMALL) -o bin/.$$p ./cmd/$$p && \
	  gzip -9 -n -c bin/.$$p > $(DATA)/$$p-linux-$$arch.gz && \
	  sha256sum < bin/.$$p | cut -c1-64 > $(DATA)/$$p-linux-$$arch.sum || exit 1; done; done; rm -f bin/.gokube-*

.PHONY: release
release: runner ## gokube for linux and darwin, amd64 and arm64, into dist/
	@mkdir -p dist
	@for os in linux darwin; do for arch in amd64 arm64; do \
	  GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags "$(LDFLAGS)" -o dist/gokube-$$os-$$arch ./cmd/gokube || exit 1; done; done; ls -l dist

.PHONY: generate
generate: ## docs from the code
	$(GO) generate ./...

.PHONY: test
test: ## unit tests: no root, no network
	$(GO) test ./...

.PHONY: race
race: ## unit tests with the race detector
	CGO_ENABLED=1 $(GO) test -race ./...

.PHONY: golden
golden: ## rewrite the golden files
	rm -f cmd/internal/ui/testdata/*.golden
	$(GO) test ./cmd/internal/ui ./cmd/internal/cli -update

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME
	@for f in $$(grep -rlE '^func Fuzz' --include='*_test.go' .); do d=$$(dirname $$f); \
	  for t in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/p' $$f); do echo "$$d $$t"; \
	  $(GO) test $$d -run '^$$' -fuzz "^$$t$$" -fuzztime $(FUZZTIME) || exit 1; done; done

.PHONY: bench
bench: ## Go benchmarks
	$(GO) test ./... -run '^$$' -bench . -benchtime $(BENCHTIME) -benchmem

.PHONY: bench-peers
bench-peers: build ## gokube, Ansible, Mitogen and the floor on 10 lab hosts; needs root
	$(GO) build -o bin/floor ./cmd/internal/bench/floor
	$(GO) build -o bin/peers ./cmd/internal/bench/peers
	command -v ansible-playbook >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq ansible ansible-mitogen >/dev/null; }
	-bin/gokube lab down --name bench
	bin/gokube lab up --hosts 10 --name bench --image python --dir bin/bench >/dev/null
	bin/peers $$(sed -n 's/.*ansible_host: //p' bin/bench/inventory.yml); s=$$?; bin/gokube lab down --name bench; exit $$s

.PHONY: bench-floor
bench-floor: build ## gokube and the floor alone on 10 lab hosts; needs root
	$(GO) build -o bin/floor ./cmd/internal/bench/floor
	$(GO) build -o bin/peers ./cmd/internal/bench/peers
	-bin/gokube lab down --name floor
	bin/gokube lab up --hosts 10 --name floor --dir bin/floorlab >/dev/null
	bin/peers -quick -runs 11 -lab bin/floorlab $$(sed -n 's/.*ansible_host: //p' bin/floorlab/inventory.yml); s=$$?; bin/gokube lab down --name floor; exit $$s

.PHONY: bench-scale
bench-scale: ## 1,000 simulated SSH hosts on loopback, 30 tasks
	$(GO) build -o bin/scale ./cmd/internal/bench/scale
	bin/scale -hosts 1000 -tasks 30

.PHONY: bench-cluster
bench-cluster: mirror ## five bare lab hosts to a cluster: check, run, run; needs root
	$(GO) build -o bin/cluster ./cmd/internal/bench/cluster
	-bin/gokube lab down --name bench
	bin/gokube lab up --hosts 5 --name bench --mirror --dir bin/bench >/dev/null
	bin/cluster -- -i bin/bench/inventory.yml -i testdata/lab/groups/ha.yml -e artifacts_dir=bin/bench/artifacts; s=$$?; bin/gokube lab down --name bench; exit $$s

.PHONY: lint
lint: ## gofmt, vet and the linters
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	golangci-lint run

.PHONY: tools
tools: ## install what lint needs
	$(GO) install $(LINT)

.PHONY: e2e
e2e: build ## play the examples on lab hosts; needs root
	$(GO) test -tags e2e -count 1 -timeout 30m -run 'Test(Promise|Faults)' -v ./cmd/gokube

.PHONY: e2e-cluster
e2e-cluster: mirror ## make clusters of lab hosts, and prove that they work; needs root
	$(GO) test -tags e2e -count 1 -timeout 5m ./cmd/internal/lab
	$(GO) test -tags e2e -count 1 -timeout 60m -run 'TestCluster' -v ./cmd/gokube

.PHONY: mirror
mirror: build ## what a lab's hosts install a cluster from, built from Go modules; needs root
	bin/gokube lab mirror build

.PHONY: lab-up
lab-up: build ## three throwaway hosts; needs root
	bin/gokube lab up --hosts 3 --name demo

.PHONY: lab-down
lab-down: ## take them away
	bin/gokube lab down --name demo

.PHONY: demo
demo: build ## lab of three hosts, bootstrap.yml: check, run, run; needs root
	@testdata/lab/demo

.PHONY: demo-cluster
demo-cluster: mirror ## lab of five hosts, cluster.yml: check, run, run, and a web server; needs root
	@testdata/lab/demo-cluster

.PHONY: cover
cover: ## test coverage by function
	$(GO) test -coverprofile bin/cover.out ./... && $(GO) tool cover -func bin/cover.out
