import Testing

@testable import MessageQueue

@Suite struct PartitionLogTests {
  private func log(_ epochs: Epoch...) -> PartitionLog {
    var log = PartitionLog(LogBase(.topic), producersMax: 10)
    for epoch in epochs {
      log.append(Record(epoch: epoch, time: log.end, producer: nil, entry: .value([UInt8(log.end)])))
    }
    return log
  }

  private func expectEnd(_ log: PartitionLog, of epoch: Epoch, _ expected: (Epoch, Offset)?) {
    let found = log.end(of: epoch)
    #expect(found?.epoch == expected?.0 && found?.end == expected?.1, "epoch \(epoch): \(String(describing: found))")
  }

  /// KIP-101: the end of an epoch is the start of the next that the log has.
  @Test func epochsEndWhereTheNextStarts() {
    let log = log(1, 1, 3, 3, 3, 6)
    expectEnd(log, of: 0, (0, 0))
    expectEnd(log, of: 1, (1, 2))
    expectEnd(log, of: 2, (1, 2))
    expectEnd(log, of: 3, (3, 5))
    expectEnd(log, of: 5, (3, 5))
    expectEnd(log, of: 9, (6, 6))
  }

  @Test func aCutLogKnowsItsEpochs() {
    var log = log(1, 1, 3, 3, 6)
    log.truncate(to: 2)
    #expect(log.end == 2 && log.lastEpoch == 1)
    expectEnd(log, of: 6, (1, 2))
    log.truncate(to: 0)
    #expect(log.end == 0 && log.lastEpoch == 0)
  }

  @Test func aLogForgetsWhatABaseStandsFor() {
    var log = log(1, 1, 3, 3, 6)
    var base = LogBase(.topic)
    base.offset = 3
    base.epoch = 3
    log.forget(before: base)
    #expect(log.start == 3 && log.end == 5 && log[4].epoch == 6)
    expectEnd(log, of: 3, (3, 4))
    #expect(log.end(of: 2) == nil)
  }

  @Test func producersFollowFromTheLog() {
    var log = PartitionLog(LogBase(.topic), producersMax: 10)
    for sequence in 1...8 as ClosedRange<UInt64> {
      let name = ProducerSequence(producer: 1, sequence: sequence * 2)
      log.append(Record(epoch: 1, time: 0, producer: name, entry: .value([])))
    }
    func lookup(_ sequence: UInt64) -> ProducerTable.Lookup {
      log.producers.lookup(ProducerSequence(producer: 1, sequence: sequence))
    }
    #expect(lookup(16) == .repeated(7))
    #expect(lookup(8) == .repeated(3))
    #expect(lookup(9) == .outOfOrder)
    #expect(lookup(6) == .forgotten)
    #expect(lookup(17) == .new)
    log.truncate(to: 7)
    #expect(lookup(16) == .new)
    #expect(lookup(6) == .repeated(2))
  }

  @Test func theMostSilentProducerIsForgottenFirst() {
    var table = ProducerTable()
    for producer in 1...3 as ClosedRange<UInt64> {
      table.record(ProducerSequence(producer: producer, sequence: 1), at: producer, producersMax: 2)
    }
    #expect(table.producers.keys.sorted() == [2, 3])
  }
}
