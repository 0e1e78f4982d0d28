import Histories

/// The replicas of an object: the nodes that somebody tried to read it from directly.
///
/// A node that refuses with `ConvergenceChecker.notAReplica` holds no copy, unless it is asked again and does not refuse.
struct ReplicaTries {
  /// A node whose replica somebody tried to read.
  struct Replica {
    var node: UInt32
    /// The last try that began, whether it succeeded or not: event index of its invocation.
    var lastTry: UInt32
  }

  /// In the order of the nodes' names, after `sort`.
  private(set) var replicas: [Replica] = []

  /// Notes a direct read, which comes after all that were noted before.
  ///
  /// - Returns: the node whose replica it reads: a completion's, else the invocation's.
  /// - Throws: `MalformedHistory` where neither names one.
  mutating func note(_ rows: Operations, _ position: Int) throws(MalformedHistory) -> UInt32 {
    let (history, invocation) = (rows.history, rows.invocations[position])
    let completion = rows.completion(position)
    guard let node = completion.flatMap({ history.nodeID(at: $0) }) ?? history.nodeID(at: Int(invocation)) else {
      throw MalformedHistory(
        index: Int(invocation), message: "a \(rows.function(position)) names the node whose replica it reads")
    }
    let error = completion.flatMap { history.error(at: $0) }
    if rows.outcome(position) == .fail, error == ConvergenceChecker.notAReplica {
      replicas.removeAll { $0.node == node }
    } else {
      note(tryOf: node, at: invocation)
    }
    return node
  }

  /// Notes that somebody tried to read a replica. They are few: a look at each is quicker than a table.
  mutating func note(tryOf node: UInt32, at invocation: UInt32) {
    if let place = replicas.firstIndex(where: { $0.node == node }) {
      replicas[place].lastTry = max(replicas[place].lastTry, invocation)
    } else {
      replicas.append(Replica(node: node, lastTry: invocation))
    }
  }

  mutating func sort(_ nodeNames: [String]) {
    replicas.sort { nodeNames[Int($0.node)] < nodeNames[Int($1.node)] }
  }

  /// `n1, n2 and n3`; of many, the first few.
  static func list(_ names: [String]) -> String {
    if names.count > namesMax {
      return names.prefix(namesMax).joined(separator: ", ") + " and \(names.count - namesMax) more"
    }
    return names.count < 2
      ? names.joined() : names.dropLast().joined(separator: ", ") + " and \(names[names.count - 1])"
  }

  /// Replicas named in one sentence.
  private static let namesMax = 5
}
