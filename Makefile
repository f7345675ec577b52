# make test    everything, on a fresh machine with Swift and apt (Debian, Ubuntu)
# make build   the library and the command
# make demo    shows what the library does, on this machine alone
# make format  the sources as the house writes them; make lint only looks
# make bench   what a lookup costs; make bench-quick and bench-full for less and more of it

SOURCES := Sources Tests Fuzz Package.swift

build:
	Scripts/install-dependencies build
	swift build

demo:
	Scripts/install-dependencies build
	swift build --product cluster-dns
	.build/debug/cluster-dns demo

test:
	Scripts/install-dependencies test
	swift build --build-tests
	swift test --skip-build

format:
	swift format --in-place --recursive $(SOURCES)

lint:
	swift format lint --strict --recursive $(SOURCES)

clean:
	swift package clean

.PHONY: build demo test format lint clean

include Benchmarks/bench.mk
