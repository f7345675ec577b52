# What lookups cost, see Docs/Benchmarks.md. A row that misses its `must` fails the target.
LOOKUP_BENCH := Benchmarks/.build/release/lookup-bench

bench-build:
	swift build --package-path Benchmarks --configuration release --product lookup-bench

bench-quick: bench-build # the main rows, in less than three minutes
	$(LOOKUP_BENCH) --depth quick

bench: bench-build # each row once, without those of a minute
	$(LOOKUP_BENCH) --depth once

bench-full: bench-build # all rows five times; the table with spreads and the plots
	rm -f Benchmarks/results.json
	$(LOOKUP_BENCH) --depth full --runs 5 --json Benchmarks/results.json; status=$$?; \
	Benchmarks/report Benchmarks/results.json Docs/Benchmarks && exit $$status

# For CI: what is steady on a busy machine, with bounds that a regression alone breaks.
bench-check:
	Scripts/install-dependencies test
	$(MAKE) bench-build
	$(LOOKUP_BENCH) --check

bench-micro: # the parts of a lookup, each alone
	swift package --package-path Benchmarks benchmark --target micro --no-progress

.PHONY: bench-build bench-quick bench bench-full bench-check bench-micro
