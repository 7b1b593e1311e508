# Two doors: `make demo` shows Cairn on this machine, `make test` checks all of it. Both install what is
# missing first, ask nothing and end by themselves.

export PATH := $(HOME)/.cargo/bin:$(PATH)

# What is quickly checked does not wait for the generator of bindings and its libraries.
SHIPPED := --exclude cairn-bindgen

# Programs, libraries and tests at once: chosen one after the other they would ask for the same crates with other
# features, and Cargo would build the core two times.
ALL := --workspace --lib --bins --tests

.PHONY: demo test app install

demo: install
	cargo build --release --package cairn-cli --package cairn-server
	cargo xtask demo

test: install
	cargo fmt --all --check
	cargo clippy --workspace $(SHIPPED) --all-targets -- -D warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --workspace $(SHIPPED) --no-deps
	cargo build $(ALL)
	cargo test --workspace --no-fail-fast
	./scripts/app.sh

# The app and its tests alone.
app: install
	cargo build $(ALL)
	./scripts/app.sh

install:
	@./scripts/install.sh
