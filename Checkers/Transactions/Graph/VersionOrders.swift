/// Who wrote the versions of each key, in their order, and which version each read showed: what the direct dependencies
/// of a `TransactionGraph` do not tell, since they have no keys.
struct VersionOrders {
  /// The versions of one key.
  struct Key {
    /// Nodes that wrote the versions, in their order; one node may come several times in a row.
    var seen: [UInt32] = []
    /// Nodes that wrote versions after these, in an order that nobody knows.
    var unseen: [UInt32] = []

    /// Every node that wrote one, in an order that may be the right one.
    var writers: [UInt32] { seen + unseen }

    /// By position in `writers`: the next one that another node wrote.
    var runEnds: [Int] {
      let writers = writers
      var ends = Array(writers.indices.map { $0 + 1 })
      for position in writers.indices.dropLast().reversed() where writers[position] == writers[position + 1] {
        ends[position] = ends[position + 1]
      }
      return ends
    }
  }

  /// One node read a key.
  struct Read: Hashable {
    var reader: UInt32
    var key: Int
    /// How many of the key's seen versions it showed, its own among them.
    var length: Int
    /// The other node that wrote the version that was read from outside; none if there is none, or if that is a version
    /// that never was.
    var source: UInt32
    /// Whether the node had written the key before.
    var isOwn = false
  }

  var keys: [Key]
  var reads: [Read]

  /// What is left of it for these nodes; node n of the result is the one with the number n.
  ///
  /// - Parameter numbers: by node; none for those that are left out.
  func restricted(by numbers: [UInt32]) -> VersionOrders {
    // By key and length: how many of the versions stay.
    var lengths: [[Int]] = []
    var rest = VersionOrders(keys: [], reads: [])
    for key in keys {
      var kept = Key()
      var counts = [0]
      for node in key.seen {
        if numbers[Int(node)] != TransactionGraph.none { kept.seen.append(numbers[Int(node)]) }
        counts.append(kept.seen.count)
      }
      kept.unseen = key.unseen.map { numbers[Int($0)] }.filter { $0 != TransactionGraph.none }
      rest.keys.append(kept)
      lengths.append(counts)
    }
    for read in reads where numbers[Int(read.reader)] != TransactionGraph.none {
      rest.reads.append(
        Read(
          reader: numbers[Int(read.reader)], key: read.key, length: lengths[read.key][read.length],
          source: read.source == TransactionGraph.none ? TransactionGraph.none : numbers[Int(read.source)],
          isOwn: read.isOwn))
    }
    return rest
  }
}
