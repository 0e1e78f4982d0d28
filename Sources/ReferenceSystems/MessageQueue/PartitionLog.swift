/// What came before the records that a log still has.
public struct LogBase: Hashable, Sendable {
  /// The offset of the first record that is left.
  public var offset: Offset = 0
  /// The epoch of the record before it.
  public var epoch: Epoch = 0
  /// The time of the record before it.
  public var time: Nanoseconds = 0
  /// What the records before say about producers.
  var producers = ProducerTable()
  /// What the records before add up to.
  var machine: Machine

  /// Size in bytes, near enough.
  var byteCount: Int { 64 + producers.producers.count * 96 + machine.byteCount }

  /// Nothing came before.
  init(_ kind: PartitionID.Kind) { machine = Machine(kind) }
}

/// A replica's log of one partition.
///
/// Besides the records it keeps the *leader epoch sequence* of KIP-101: where each epoch starts. With it two logs find the
/// point up to which they agree, without comparing records.
public struct PartitionLog: Sendable {
  private(set) var base: LogBase
  private(set) var records: [Record] = []
  /// Where epochs start, ascending.
  private var epochs: [(epoch: Epoch, start: Offset)] = []
  /// What all records say about producers.
  private(set) var producers: ProducerTable
  private let producersMax: Int

  init(_ base: LogBase, producersMax: Int) {
    self.base = base
    self.producersMax = producersMax
    producers = base.producers
  }

  /// The offset of the next record.
  public var end: Offset { base.offset + Offset(records.count) }
  /// The epoch of the last record; 0 in an empty log.
  public var lastEpoch: Epoch { epochs.last?.epoch ?? base.epoch }
  /// The time of the last record.
  var lastTime: Nanoseconds { records.last?.time ?? base.time }
  /// The first offset that is still there.
  public var start: Offset { base.offset }

  /// The record at an offset that is there.
  public subscript(offset: Offset) -> Record { records[Int(offset - base.offset)] }

  /// Records from an offset on; none where there are none.
  func records(from offset: Offset, through end: Offset) -> ArraySlice<Record> {
    guard offset >= base.offset, offset < end, end <= self.end else { return [] }
    return records[Int(offset - base.offset)..<Int(end - base.offset)]
  }

  mutating func append(_ record: Record) {
    if record.epoch != lastEpoch || epochs.isEmpty { epochs.append((record.epoch, end)) }
    if let name = record.producer { producers.record(name, at: end, producersMax: producersMax) }
    records.append(record)
  }

  /// Where the largest epoch up to `epoch` ends (KIP-101, OffsetsForLeaderEpoch; with the epoch itself in the answer, KIP-279);
  /// nil when that is before the first record that is left.
  func end(of epoch: Epoch) -> (epoch: Epoch, end: Offset)? {
    guard let position = epochs.lastIndex(where: { $0.epoch <= epoch }) else {
      return base.epoch <= epoch ? (base.epoch, base.offset) : nil
    }
    return (epochs[position].epoch, position + 1 < epochs.count ? epochs[position + 1].start : end)
  }

  /// Removes all records from an offset on.
  mutating func truncate(to offset: Offset) {
    guard offset < end else { return }
    guard offset >= base.offset else {
      self = PartitionLog(LogBase(base.machine.kind), producersMax: producersMax)
      return
    }
    records.removeLast(Int(end - offset))
    while let last = epochs.last, last.start >= offset { epochs.removeLast() }
    rebuildProducers()
  }

  /// Forgets records before a base that they lead to.
  mutating func forget(before base: LogBase) {
    guard base.offset > self.base.offset, base.offset <= end else { return }
    records.removeFirst(Int(base.offset - self.base.offset))
    self.base = base
    epochs = []
    for (position, record) in records.enumerated() where record.epoch != lastEpoch || epochs.isEmpty {
      epochs.append((record.epoch, base.offset + Offset(position)))
    }
  }

  /// As if nothing had been sent before; with ``MessageQueueBug/producerStateLost`` only.
  mutating func forgetProducers() { producers = ProducerTable() }

  private mutating func rebuildProducers() {
    producers = base.producers
    for (position, record) in records.enumerated() {
      guard let name = record.producer else { continue }
      producers.record(name, at: base.offset + Offset(position), producersMax: producersMax)
    }
  }

  /// What the records before `offset` say about producers.
  func producers(before offset: Offset) -> ProducerTable {
    var earlier = self
    earlier.truncate(to: offset)
    return earlier.producers
  }
}
