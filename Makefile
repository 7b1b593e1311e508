# Two doors: `make demo` shows Cairn on this machine, `make test` checks all of it. Both install what is
# missing first, ask nothing and end by themselves.

export PATH := $(HOME)/.cargo/bin:$(PATH)

.PHONY: demo test install

demo: install
	cargo build --release --package cairn-cli --package cairn-server
	cargo xtask demo

# Other languages load a library, which `cargo test` alone does not make.
test: install
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps
	cargo build --workspace
	cargo test --workspace --no-fail-fast

install:
	@./scripts/install.sh
