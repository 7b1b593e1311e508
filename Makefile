# Two doors: `make demo` shows Cairn on this machine, `make test` checks all of it. Both install what is
# missing first, ask nothing and end by themselves.

export PATH := $(HOME)/.cargo/bin:$(PATH)

.PHONY: demo test install

demo: install
	cargo build --release --package cairn-cli --package cairn-server
	cargo xtask demo

test: install
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test --workspace --no-fail-fast
	RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps

install:
	@./scripts/install.sh
