/// The replicated key-value map. The same commands in the same order give the same map on every server.
public struct StateMachine: Sendable {
  private var values: [Bytes: Bytes] = [:]
  /// Digest of the whole map, kept up to date in constant time: the exclusive or of a hash of each pair. It does not
  /// depend on the dictionary's order, so equal maps have equal hashes on all servers.
  public private(set) var stateHash: UInt64 = 0

  init() {}

  /// Keys that are present.
  public var count: Int { values.count }

  /// The value of `key`; nil when it is absent.
  public func value(of key: Bytes) -> Bytes? { values[key] }

  /// The answer to a read of `key`.
  func read(_ key: Bytes) -> Outcome { values[key].map { .value($0) } ?? .notFound }

  /// Applies one command and gives its answer.
  mutating func apply(_ command: Command) -> Outcome {
    switch command {
    case .put(let key, let value):
      set(key, to: value)
      return .written
    case .cas(let key, let from, let to):
      let current = values[key]
      if current == nil, from != nil { return .notFound }
      guard current == from else { return .compareFailed }
      set(key, to: to)
      return .written
    }
  }

  private mutating func set(_ key: Bytes, to value: Bytes) {
    if let old = values.updateValue(value, forKey: key) { stateHash ^= Self.hash(key, old) }
    stateHash ^= Self.hash(key, value)
  }

  /// FNV-1a over length-prefixed key and value, finished with a mixer, because exclusive or needs independent bits.
  private static func hash(_ key: Bytes, _ value: Bytes) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(key.count)
    for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    for byte in value { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return mix64(hash)
  }
}
