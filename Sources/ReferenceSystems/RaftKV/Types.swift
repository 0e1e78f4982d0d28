/// A member's number; small and stable for the life of the cluster.
public typealias NodeID = UInt32

/// A period with at most one leader (§5.1). Terms act as the logical clock of the protocol.
public typealias Term = UInt64

/// A position in the replicated log. The first entry has index 1; 0 means "before the first entry".
public typealias LogIndex = UInt64

/// A point on the shell's monotonic clock, or a length of time, in nanoseconds. The core never reads a clock itself.
public typealias Nanoseconds = UInt64

/// Opaque bytes of a key or a value. Not `String`: its equality is canonical equivalence, which would merge keys that
/// differ in their bytes.
public typealias Bytes = [UInt8]

/// The number by which the shell knows a request of one of its own clients.
public typealias RequestID = UInt64

/// Numbers the batches that the core asked the shell to persist: 1, 2, 3, ….
public typealias PersistSequence = UInt64

/// What a server does at the moment (§5.1, with the extra state of PreVote, thesis §9.6).
public enum Role: String, Sendable, CaseIterable {
  case follower
  /// Asks whether an election could be won, without touching its term.
  case preCandidate = "pre-candidate"
  case candidate
  case leader
}
