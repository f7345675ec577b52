# What lookups cost, see Docs/Benchmarks.md. A row that misses its `must` fails the target.
LOOKUP_BENCH := Benchmarks/.build/release/lookup-bench
# With grpc-swift's resolver beside ours: make bench TRAITS=GRPC. It takes longer to build than everything else together.
TRAITS :=

bench-build:
	Scripts/install-dependencies bench
	swift build --package-path Benchmarks --configuration release --product lookup-bench $(TRAITS:%=--traits %)
	swift build --package-path Benchmarks --configuration release --product lookup-instructions $(TRAITS:%=--traits %)

bench-quick: bench-build # the main rows, in a minute or two
	$(LOOKUP_BENCH) --depth quick

bench: bench-build # each row once, without those of a minute
	$(LOOKUP_BENCH) --depth once

bench-full: bench-build # all rows five times; the table with spreads and the plots
	printf '{"commit": "%s", "date": "%s", "machine": "%s", "system": "%s"}\n' "$$(git describe --always --dirty)" \
		"$$(date -u +%F)" "$$(sed -n 's/^model name.*: //p' /proc/cpuinfo | sort | uniq -c | xargs)" \
		"$$(uname -sr), $$(getconf GNU_LIBC_VERSION)" > Docs/Benchmarks/results.json
	$(LOOKUP_BENCH) --depth full --runs 5 --json Docs/Benchmarks/results.json; status=$$?; \
	Benchmarks/report Docs/Benchmarks/results.json Docs/Benchmarks && exit $$status

bench-check: bench-build # for CI: what is steady on a busy machine, with bounds that a regression alone breaks
	$(LOOKUP_BENCH) --check

bench-micro: # the parts of a lookup, each alone
	Scripts/install-dependencies build
	swift package --package-path Benchmarks benchmark --target micro --no-progress

.PHONY: bench-build bench-quick bench bench-full bench-check bench-micro
