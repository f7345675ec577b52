# make test    everything, on a fresh machine with Swift and apt (Debian, Ubuntu)
# make build   the library and the command
# make demo    shows what the library does, on this machine alone
# make example  two services that find each other, with their Kubernetes manifests, on this machine alone
# make sanitize  the tests again, under Thread and Address Sanitizer
# make format  the sources as the house writes them; make lint only looks
# make bench   what a lookup costs; make bench-quick and bench-full for less and more of it
# make bench-check  whether a lookup costs much more than it did

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c

SOURCES := Sources Tests Fuzz Package.swift Benchmarks/Package.swift Benchmarks/Sources/lookup-bench Benchmarks/Sources/lookup-instructions \
	Benchmarks/micro \
	Docs/Examples/two-services/Package.swift Docs/Examples/two-services/Sources

build:
	Scripts/install-dependencies build
	swift build

demo:
	Scripts/install-dependencies build
	swift build --product cluster-dns
	.build/debug/cluster-dns demo

# One test after another: side by side, those that compute keep both threads of a small machine for half a minute, and those that
# wait for a network miss their deadlines.
test:
	Scripts/install-dependencies test
	swift build --build-tests --enable-all-traits
	mkdir -p .build
	swift test --skip-build --enable-all-traits --no-parallel 2>&1 | tee .build/tests.log || { echo "== what failed:"; grep ✘ .build/tests.log; exit 1; }
	Docs/Examples/two-services/check-manifests
	CLUSTER_DNS=$(CURDIR)/.build/debug/cluster-dns Docs/Examples/two-services/run-local

example:
	Scripts/install-dependencies example
	Docs/Examples/two-services/run-local

sanitize:
	Scripts/install-dependencies test
	mkdir -p .build-thread
	clang -fsanitize=thread -O1 -c Tests/Sanitizers/Thread.c -o .build-thread/Thread.o
	swift test --enable-all-traits --disable-xctest --no-parallel --sanitize=thread --scratch-path .build-thread \
		-Xlinker $(CURDIR)/.build-thread/Thread.o
	mkdir -p .build-address
	clang -O1 -c Tests/Sanitizers/Address.c -o .build-address/Address.o
	swift test --enable-all-traits --disable-xctest --no-parallel --sanitize=address --scratch-path .build-address \
		-Xlinker $(CURDIR)/.build-address/Address.o

format:
	swift format --in-place --recursive $(SOURCES)

lint:
	swift format lint --strict --recursive $(SOURCES)

clean:
	swift package clean

.PHONY: build demo example test sanitize format lint clean

include Benchmarks/bench.mk
