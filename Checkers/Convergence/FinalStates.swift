import Histories

/// The last state of each replica of one object: that of its last `local-read`, by invocation, if it is final.
///
/// Where the last try to read a replica got no answer, an earlier one does not stand for it: it may have come before
/// the replica heard of everything.
struct FinalStates {
  /// Read positions, in the order of the nodes' names.
  private(set) var reads: [Int] = []
  /// Why the states of all replicas are not known: then nothing is valid.
  let unknown: String?
  private let object: ReplicaHistory
  private let nodeNames: [String]

  init(_ object: ReplicaHistory, _ quiescence: Quiescence, _ nodeNames: [String]) {
    (self.object, self.nodeNames) = (object, nodeNames)
    var last = [Int](repeating: -1, count: nodeNames.count)
    for (position, read) in object.reads.enumerated() where read.node != ReplicaHistory.never {
      if quiescence.isFinal(read.invocation, object.history) { last[Int(read.node)] = position }
    }
    func final(_ replica: ReplicaTries.Replica) -> Int? {
      let position = last[Int(replica.node)]
      return position >= 0 && object.reads[position].invocation == replica.lastTry ? position : nil
    }
    reads = object.replicas.compactMap(final)
    let missing = object.replicas.filter { final($0) == nil }
    unknown =
      if object.replicas.isEmpty {
        "no replica was read directly: nothing says whether replicas agree"
      } else if reads.isEmpty {
        quiescence.reason
      } else if !missing.isEmpty {
        "there is no last read of \(ReplicaTries.list(missing.map { nodeNames[Int($0.node)] })), after all updates and faults"
      } else if reads.count == 1 {
        "only \(nodeNames[Int(object.replicas[0].node)]) was read directly: there is no other replica to compare with"
      } else { nil }
  }

  /// The reads of some replicas, by name.
  func names(_ reads: [Int]) -> String {
    ReplicaTries.list(reads.map { nodeNames[Int(object.reads[$0].node)] })
  }

  /// `n1 has`, `n1 and n2 have`.
  func have(_ reads: [Int]) -> String { "\(names(reads)) \(reads.count == 1 ? "has" : "have")" }

  /// `replica n1`, `replicas n1 and n2`: how a sentence begins, which no name may, as it would get a capital.
  func subject(_ reads: [Int]) -> String { "replica\(reads.count == 1 ? "" : "s") \(names(reads))" }

  /// `replica n1 has`, `replicas n1 and n2 have`.
  func subjectHave(_ reads: [Int]) -> String { "replica\(reads.count == 1 ? "" : "s") \(have(reads))" }

  /// The replicas by their states: those that most of them have first, then as their names are ordered.
  ///
  /// - Parameters:
  ///   - isWhole: whether a read tells all of its state; one that does not is equal to several that are not equal to each
  ///     other, and belongs to the first of them.
  ///   - isEqual: whether two reads show the same.
  func groups(_ isWhole: (Int) -> Bool = { _ in true }, _ isEqual: (Int, Int) -> Bool) -> [[Int]] {
    var groups: [[Int]] = []
    for read in reads.filter(isWhole) + reads.filter({ !isWhole($0) }) {
      if let place = groups.firstIndex(where: { isEqual($0[0], read) }) {
        groups[place].append(read)
      } else {
        groups.append([read])
      }
    }
    // `sort` need not keep the order of equal ones.
    return groups.indices.sorted { (-groups[$0].count, $0) < (-groups[$1].count, $1) }.map { groups[$0] }
  }

  /// Event indices of some of the reads: of their invocations, and of both ends.
  func events(_ some: [Int]) -> (operations: [Int], events: [Int]) {
    let reads = some.map { object.reads[$0] }
    return (reads.map { Int($0.invocation) }, reads.flatMap { [Int($0.invocation), Int($0.completion)] })
  }
}
