# What lookups cost, see Docs/Benchmarks.md. A row that misses its `must` fails the target.
LOOKUP_BENCH = Benchmarks/.build/release/lookup-bench

.PHONY: bench-build bench-quick bench bench-full

bench-build:
	swift build --package-path Benchmarks -c release --product lookup-bench

bench-quick: bench-build ## The main rows, in less than three minutes
	$(LOOKUP_BENCH) --depth quick

bench: bench-build ## Each row once, without those of a minute
	$(LOOKUP_BENCH) --depth once

bench-full: bench-build ## All rows five times, with medians and spreads; rows also go to Benchmarks/results.json
	rm -f Benchmarks/results.json
	$(LOOKUP_BENCH) --depth full --runs 5 --json Benchmarks/results.json
