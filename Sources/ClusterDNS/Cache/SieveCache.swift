/// A dictionary of bounded size that evicts by SIEVE (Zhang et al., NSDI 2024): entries stay in the order of their
/// arrival; a hand goes from the oldest to the newest, spares those that were visited since it last came by, and evicts
/// the first that was not. A burst of names that are asked once pushes out only itself.
struct SieveCache<Key: Prehashed, Value> {
    private struct Node {
        /// `nil` in a node that is free.
        var key: Key?
        var value: Value?
        var isVisited = false
        /// Towards the newer; -1 at the end.
        var newer = -1
        /// Towards the older; -1 at the end.
        var older = -1
    }

    let capacity: Int
    private var nodes: [Node] = []
    private var positions = HashTable<Key, Int>()
    private var free: [Int] = []
    private var newest = -1
    private var oldest = -1
    private var hand = -1

    /// - Parameter capacity: entries, at least one.
    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var count: Int { positions.count }

    /// The keys, in no order.
    var keys: some Sequence<Key> { positions.keys }

    /// The value of `key`, which counts as a visit.
    mutating func visit(_ key: Key) -> Value? {
        guard let position = positions[key] else { return nil }
        nodes[position].isVisited = true
        return nodes[position].value
    }

    /// The value of `key`, unnoticed.
    func peek(_ key: Key) -> Value? {
        positions[key].flatMap { nodes[$0].value }
    }

    /// Stores a value, in the place of an older one of the same key.
    ///
    /// - Parameter wasVisited: asked of values that the hand comes by, besides the visits noted here.
    /// - Returns: what had to go for it.
    mutating func insert(
        _ value: Value,
        for key: Key,
        wasVisited: (Value) -> Bool = { _ in false }
    ) -> (key: Key, value: Value)? {
        if let position = positions[key] {
            nodes[position].value = value
            return nil
        }
        let evicted = count >= capacity ? evict(wasVisited: wasVisited) : nil
        let node = Node(key: key, value: value, older: newest)
        let position: Int
        if let reused = free.popLast() {
            nodes[reused] = node
            position = reused
        } else {
            position = nodes.count
            nodes.append(node)
        }
        if newest >= 0 { nodes[newest].newer = position }
        newest = position
        if oldest < 0 { oldest = position }
        positions[key] = position
        return evicted
    }

    @discardableResult
    mutating func remove(_ key: Key) -> Value? {
        positions.removeValue(forKey: key).flatMap { unlink($0) }
    }

    /// Takes out the one whose turn it is.
    ///
    /// - Parameter wasVisited: as there.
    mutating func evict(wasVisited: (Value) -> Bool) -> (key: Key, value: Value)? {
        var position = hand >= 0 ? hand : oldest
        // After one round every mark is gone, and the second must find one; readers may leave new marks meanwhile.
        for _ in 0..<2 * count {
            guard position >= 0 else { break }
            let isSpared = (nodes[position].value.map(wasVisited) ?? false) || nodes[position].isVisited
            guard isSpared else { break }
            nodes[position].isVisited = false
            position = nodes[position].newer >= 0 ? nodes[position].newer : oldest
        }
        guard position >= 0, let key = nodes[position].key else { return nil }
        hand = nodes[position].newer
        positions[key] = nil
        return unlink(position).map { (key, $0) }
    }

    private mutating func unlink(_ position: Int) -> Value? {
        let (newer, older) = (nodes[position].newer, nodes[position].older)
        if newer >= 0 { nodes[newer].older = older } else { newest = older }
        if older >= 0 { nodes[older].newer = newer } else { oldest = newer }
        if hand == position { hand = newer }
        free.append(position)
        nodes[position].key = nil
        return nodes[position].value.take()
    }
}
