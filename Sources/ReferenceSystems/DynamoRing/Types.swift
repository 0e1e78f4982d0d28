import ProtocolKit

/// A member's number; small and stable for the life of the cluster.
public typealias NodeID = UInt32

/// A point on the shell's monotonic clock, or a length of time, in nanoseconds. The core never reads a clock itself.
public typealias Nanoseconds = UInt64

/// Opaque bytes of a name or a value.
public typealias Bytes = [UInt8]

/// The number by which the shell knows a request of one of its own clients.
public typealias RequestID = UInt64

/// Numbers the batches that the core asked the shell to persist: 1, 2, 3, ….
public typealias PersistSequence = UInt64

/// The types of value. Each has keys of its own: a counter and a set of one name have nothing to do with each other.
public enum Kind: UInt8, CaseIterable, Sendable {
  /// A register of which concurrent versions are all kept: the values of the paper.
  case siblings = 1
  /// A register of which the write with the greatest timestamp is kept.
  case lastWriter = 2
  /// A counter that goes up and down.
  case counter = 3
  /// A set whose elements can be removed and added again.
  case set = 4
}

/// What a value is stored under.
public struct Key: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The type of the value.
  public let kind: Kind
  /// Any bytes.
  public let name: Bytes

  /// The key of one type and name.
  public init(_ kind: Kind, _ name: Bytes) {
    self.kind = kind
    self.name = name
  }

  /// By type, then by the bytes of the name.
  public static func < (a: Key, b: Key) -> Bool {
    a.kind != b.kind ? a.kind.rawValue < b.kind.rawValue : a.name.lexicographicallyPrecedes(b.name)
  }

  /// The type and the name, for logs.
  public var description: String { "\(kind) \(String(decoding: name, as: UTF8.self))" }

  /// Its place on the ring, the same for all types. The paper takes MD5 (§4.2); no adversary chooses keys here, so that any good mixer does.
  var position: UInt64 { digest(of: name, seed: 0) }
}

/// A hash of bytes, the same in every process and on every platform.
func digest(of bytes: Bytes, seed: UInt64) -> UInt64 {
  var hash = mix64(seed &+ UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15)
  bytes.withUnsafeBytes { raw in
    var offset = 0
    while offset + 8 <= raw.count {
      hash = mix64(hash ^ UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    var tail: UInt64 = 0
    while offset < raw.count {
      tail = tail << 8 | UInt64(raw[offset])
      offset += 1
    }
    hash = mix64(hash ^ tail)
  }
  return hash
}
