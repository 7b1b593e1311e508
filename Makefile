# Two doors: `make demo` shows Cairn on this machine, `make test` checks all of it. Both install what is
# missing first, ask nothing and end by themselves.

export PATH := $(HOME)/.cargo/bin:$(PATH)

# The generator of bindings is built with the app, which needs it; nothing else waits for its libraries.
SHIPPED := --exclude cairn-bindgen

.PHONY: demo test install

demo: install
	cargo build --release --package cairn-cli --package cairn-server
	cargo xtask demo

# What this machine cannot record fails, and is not passed over.
test: export CAIRN_MUST_RECORD = 1
test: install
	cargo fmt --all --check
	cargo clippy --workspace $(SHIPPED) --all-targets -- -D warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --workspace $(SHIPPED) --no-deps
	cargo test --workspace $(SHIPPED) --no-fail-fast

install:
	@./scripts/install.sh
