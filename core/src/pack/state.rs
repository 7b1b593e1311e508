//! What two devices must agree on: all documents and their heads, in one hash.

use cairn_wire::digest::{Hash, sha256};
use cairn_wire::id::DocumentId;

/// The Merkle root over documents and their heads, gathered one by one. A tree like that of RFC 6962: leaves in
/// ascending order of documents, the left half of every node a power of two.
///
/// `leaf = H("cairn/state-leaf/1" ‖ document ‖ heads, ascending)`, `node = H("cairn/state-node/1" ‖ left ‖
/// right)`, without documents `H("cairn/state-none/1")`. Heads commit to all history.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Roots of whole subtrees, larger ones first: how many leaves, and the hash.
    whole: Vec<(u64, Hash)>,
    last: Option<DocumentId>,
    ordered: bool,
}

impl State {
    /// No documents yet.
    pub fn new() -> Self {
        Self { whole: Vec::new(), last: None, ordered: true }
    }

    /// Adds the next document; documents come in ascending order, heads too.
    pub fn add(&mut self, document: &DocumentId, heads: &[Hash]) {
        self.ordered &= self.last.is_none_or(|last| last < *document);
        self.last = Some(*document);
        let mut node = (1, sha256(&[b"cairn/state-leaf/1", &document.0, &heads.concat()]));
        while let Some((count, left)) = self.whole.last().copied().filter(|(count, _)| *count == node.0) {
            self.whole.pop();
            node = (count * 2, sha256(&[b"cairn/state-node/1", &left, &node.1]));
        }
        self.whole.push(node);
    }

    /// The root; none if documents did not come in order.
    pub fn root(&self) -> Option<Hash> {
        let mut whole = self.whole.iter().rev();
        let first = whole.next().map_or_else(|| sha256(&[b"cairn/state-none/1"]), |(_, hash)| *hash);
        let root = whole.fold(first, |right, (_, left)| sha256(&[b"cairn/state-node/1", left, &right]));
        self.ordered.then_some(root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(n: u8) -> DocumentId {
        DocumentId([n; 16])
    }

    fn root(leaves: &[(u8, u8)]) -> Option<Hash> {
        let mut state = State::new();
        for (id, head) in leaves {
            state.add(&document(*id), &[[*head; 32]]);
        }
        state.root()
    }

    #[test]
    fn the_tree_is_that_of_rfc_6962() {
        let leaf = |n: u8| sha256(&[b"cairn/state-leaf/1", &document(n).0, &[n; 32]]);
        let node = |left: Hash, right: Hash| sha256(&[b"cairn/state-node/1", &left, &right]);
        let five: Vec<_> = (1..=5).map(|n| (n, n)).collect();
        let left = node(node(leaf(1), leaf(2)), node(leaf(3), leaf(4)));
        assert_eq!(root(&five), Some(node(left, leaf(5))));
        assert_eq!(root(&five[..3]), Some(node(node(leaf(1), leaf(2)), leaf(3))));
        assert_eq!(root(&five[..1]), Some(leaf(1)));
        assert_eq!(root(&[]), Some(sha256(&[b"cairn/state-none/1"])));
    }

    #[test]
    fn every_document_and_every_head_counts() {
        let whole = root(&[(1, 1), (2, 2), (3, 3)]);
        assert_ne!(whole, root(&[(1, 1), (2, 2)]));
        assert_ne!(whole, root(&[(1, 1), (2, 9), (3, 3)]));
        assert_ne!(whole, root(&[(1, 1), (2, 2), (4, 3)]));
        assert_eq!(whole, root(&[(1, 1), (2, 2), (3, 3)]), "control");
        assert_eq!(root(&[(2, 2), (1, 1)]), None);
        assert_eq!(root(&[(1, 1), (1, 1)]), None);
    }
}
