/// What the records of a log say about their producers, so that a record that is sent again is found (KIP-98,
/// "Idempotent Producer Guarantees"). It follows from the log, which is why it survives every change of leader.
///
/// Deviation from KIP-98: sequence numbers ascend but may have gaps, and there are no producer epochs, as nobody hands out
/// ids. As in Kafka since 1.0, the last five records of each producer are known by their offsets.
public struct ProducerTable: Hashable, Sendable {
  /// What is known of one producer.
  struct Producer: Hashable, Sendable {
    /// Its last records, oldest first.
    var recent: [Entry] = []

    struct Entry: Hashable, Sendable {
      var sequence: UInt64
      var offset: Offset
    }
  }

  /// What a sequence number turns out to be.
  enum Lookup: Equatable {
    case new
    /// The record stands at this offset.
    case repeated(Offset)
    /// Lower than one that was taken, and certainly not taken itself.
    case outOfOrder
    /// Too old to tell.
    case forgotten
  }

  /// Records that are remembered of each producer.
  static let recentMax = 5

  private(set) var producers: [UInt64: Producer] = [:]

  func lookup(_ name: ProducerSequence) -> Lookup {
    guard let recent = producers[name.producer]?.recent, let last = recent.last, let first = recent.first,
      name.sequence <= last.sequence
    else { return .new }
    if let known = recent.first(where: { $0.sequence == name.sequence }) { return .repeated(known.offset) }
    return name.sequence > first.sequence || recent.count < Self.recentMax ? .outOfOrder : .forgotten
  }

  mutating func record(_ name: ProducerSequence, at offset: Offset, producersMax: Int) {
    var producer = producers[name.producer] ?? Producer()
    if producer.recent.count == Self.recentMax { producer.recent.removeFirst() }
    producer.recent.append(Producer.Entry(sequence: name.sequence, offset: offset))
    producers[name.producer] = producer
    if producers.count > producersMax { forgetTheMostSilent() }
  }

  /// By offset, so that all replicas forget the same.
  private mutating func forgetTheMostSilent() {
    let oldest = producers.min { ($0.value.recent.last?.offset ?? 0) < ($1.value.recent.last?.offset ?? 0) }
    if let oldest { producers[oldest.key] = nil }
  }

  /// As a snapshot has it.
  mutating func restore(_ id: UInt64, _ recent: [Producer.Entry]) { producers[id] = Producer(recent: recent) }
}
