import Histories

extension ConvergenceJudge {
  /// Every read that names what it has seen shows what that makes.
  mutating func checkVisibility(_ object: ReplicaHistory) {
    guard object.reads.contains(where: \.visible.isGiven) else { return }
    var checker = VisibleReads(object)
    var (undecided, left) = (0, 0)
    for read in object.reads where read.visible.isGiven {
      tally.readsWithVisibility += 1
      switch checker.check(read) {
      case .right: break
      case .undecided where wrongSums.contains(read.completion): reportSum(read, object)
      case .undecided: undecided += 1
      case .beyondBudget: left += 1
      case .impossible(let id):
        reportVisible(read, object, .thinAirRead) {
          "names operation \(object.idValue(id)) as visible, which nobody had invoked"
            + (object.update(ofID: id) == nil ? "" : " by then")
        }
      case .amount(let amount):
        reportVisible(read, object, .wrongVisibility) {
          "shows \(read.amount), but what it has seen adds up to \(amount)"
        }
      case .missing(let element):
        reportVisible(read, object, .wrongVisibility) {
          "misses \(object.value(element)), which what it has seen put there"
        }
      case .excess(let element):
        reportVisible(read, object, .wrongVisibility) {
          "shows \(object.value(element)), which is not what the operations that it has seen make"
        }
      }
    }
    noteUndecided(undecided, object)
    guard left > 0 else { return }
    tally.readsUndecided += left
    tally.add(
      unknown: "what \(left) of the reads have seen are more than \(VisibleReads.coveredMax) operations in all",
      key: object.key)
  }

  /// Reads that may be right or wrong: by what updates did that report less than these reads do.
  private mutating func noteUndecided(_ reads: Int, _ object: ReplicaHistory) {
    guard reads > 0 else { return }
    tally.readsUndecided += reads
    tally.add(
      unknown:
        "\(reads) read\(reads == 1 ? " names" : "s name") operations as visible that did not report their ids, or what "
        + "they had observed", key: object.key)
  }

  private mutating func reportVisible(
    _ read: ReplicaHistory.Read, _ object: ReplicaHistory, _ anomaly: InvariantAnomaly, _ sentence: () -> String
  ) {
    log.add(anomaly, key: object.key) { witnesses in
      let (begin, end) = (Int(read.invocation), Int(read.completion))
      return ("\(witnesses.name(begin, end)) \(sentence())", [begin], [begin, end])
    }
  }
}
