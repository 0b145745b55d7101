# DIGIT: make run starts it, make test checks it, make help lists the rest.

# Nothing here depends on the machine's own paths or on git being able to read the checkout.
export GOFLAGS := -buildvcs=false -trimpath

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
# The race detector is C.
HAVE_CC := $(shell command -v gcc || command -v clang || command -v cc)
RACE    := $(if $(HAVE_CC),-race)
# Tools are built once for each version of them and of Go.
TOOLS   := bin/tools/$(shell { cat tools/go.sum; go env GOVERSION; } | cksum | cut -d' ' -f1)
WITHPG  := bin/tools/withpg
# Programs by others that the tests set against ours; see test/outside.
OUTSIDE := test/outside/node_modules/.package-lock.json
export DIGIT_ZITADEL := $(CURDIR)/$(TOOLS)/zitadel
TEMPL   := go tool templ
MAKE    += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help run build test test-go e2e pictures bench generate check-generate fmt lint migrate dist sbom clean needs

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Start DIGIT with the demo state; ARGS="--listen :9000" goes to it, DATABASE_URL replaces the private database
	@scripts/need.sh postgres
	@$(MAKE) build
	@exec bin/digit serve --demo $(ARGS)

build: ## Build bin/digit
	CGO_ENABLED=0 go build -ldflags '$(LDFLAGS)' -o bin/digit ./cmd/digit

test: ## Everything that continuous integration runs: generated code, lint, tests on a real database, browser journeys
	@$(MAKE) -j 4 needs $(TOOLS)/sqlc $(TOOLS)/staticcheck $(TOOLS)/gofumpt $(WITHPG)
	@$(MAKE) check-generate
	@$(MAKE) lint
	@$(MAKE) build
	@$(WITHPG) -- $(MAKE) test-go e2e

# test/edge and web/talk take longest and are begun first, so that the others run beside them. Lint has vetted already, and programs for a debugger take
# half as long again to link.
TESTFLAGS := -vet=off -ldflags '-s -w'
test-go: $(WITHPG) ## The tests without the journeys; PKG=./internal/infra/payment/... for some, ARGS="-run TestX -v"
	@GORACE=atexit_sleep_ms=0 GOGC=200 $(WITHPG) -- go test $(RACE) $(TESTFLAGS) -timeout 30m $(ARGS) $(or $(PKG),./test/edge ./web/talk $$(go list ./... | grep -vE '^digit/test/(browser|journey)$$'))
	@$(if $(PKG),,$(if $(HAVE_CC),$(WITHPG) -- go test $(RACE) $(TESTFLAGS) -tags pkcs11 $(ARGS) ./internal/infra/encryption/hsm))

e2e: $(WITHPG) ## The journeys through bin/digit in a browser
	@[ -x bin/digit ] || $(MAKE) build
	@DIGIT_BIN=$(CURDIR)/bin/digit $(WITHPG) -- go test $(TESTFLAGS) -count=1 -p 1 -parallel 3 -timeout 30m $(ARGS) ./test/browser ./test/journey

pictures: build ## Take the pictures of docs/pictures.md anew
	@scripts/pictures.sh

bench: $(WITHPG) ## Benchmarks
	@$(WITHPG) -- go test -run '^$$' -bench . -benchmem $(ARGS) $(or $(PKG),./...)

generate: $(TOOLS)/sqlc ## Make the code that is made from SQL and templ, and note what it was made from
	@$(TOOLS)/sqlc generate
	@$(TEMPL) generate -log-level warn
	@GENERATE_SUM=write go test -count=1 -run '^TestGeneratedCodeIsCurrent$$' ./internal/archtest >/dev/null

check-generate: ## Fail if the generated code is not what make generate would make
	@scripts/check-generate.sh

fmt: $(TOOLS)/gofumpt ## Format Go and templ
	@$(TOOLS)/gofumpt -w .
	@$(TEMPL) fmt -log-level warn .

lint: $(TOOLS)/gofumpt $(TOOLS)/staticcheck ## vet, staticcheck and the format of Go and templ
	go vet ./...
	@out=$$($(TOOLS)/gofumpt -l .); [ -z "$$out" ] || { echo "not formatted, run make fmt:"; echo "$$out"; exit 1; }
	@scripts/check-templ-fmt.sh
	$(TOOLS)/staticcheck ./...

migrate: build ## Bring the database in DATABASE_URL to this version
	@bin/digit migrate $(ARGS)

dist: ## Release binaries for Linux and macOS, with checksums
	@rm -rf dist && mkdir -p dist
	@for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64; do \
		out=dist/digit-$(VERSION)-$${target%/*}-$${target#*/}; echo $$out; \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} go build -ldflags '$(LDFLAGS)' -o $$out ./cmd/digit || exit 1; \
	done
	@go run -ldflags '$(LDFLAGS)' ./cmd/digit sbom > dist/digit-$(VERSION).cdx.json
	@cd dist && { sha256sum digit-* 2>/dev/null || shasum -a 256 digit-*; } > SHA256SUMS

sbom: build ## Write bin/digit.cdx.json: what the program is made of, in CycloneDX
	@bin/digit sbom > bin/digit.cdx.json && echo bin/digit.cdx.json

clean: ## Remove what was built; the data stays
	rm -rf bin dist

needs:
	@scripts/need.sh postgres chromium fonts pdftools peers node
	@$(MAKE) $(OUTSIDE) $(TOOLS)/zitadel

$(OUTSIDE): test/outside/package.json test/outside/package-lock.json
	@cd test/outside && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(TOOLS)/zitadel:
	@go -C tools build -o $(CURDIR)/$@ github.com/zitadel/oidc/v3/example/server

$(WITHPG): $(wildcard test/withpg/*.go internal/infra/platform/pg/cluster/*.go)
	@go build -o $@ ./test/withpg

# sqlc reads SQL with PostgreSQL's own parser: in C where there is a compiler, else as WebAssembly.
$(TOOLS)/sqlc:
	@echo "Building sqlc, once; this takes a few minutes"
	@CGO_ENABLED=$(if $(HAVE_CC),1,0) go -C tools build -o $(CURDIR)/$@ github.com/sqlc-dev/sqlc/cmd/sqlc

$(TOOLS)/staticcheck:
	@go -C tools build -o $(CURDIR)/$@ honnef.co/go/tools/cmd/staticcheck

$(TOOLS)/gofumpt:
	@go -C tools build -o $(CURDIR)/$@ mvdan.cc/gofumpt
