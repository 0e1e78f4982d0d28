import RaftKV

/// What happens at some moment of simulated time.
enum Occurrence: Sendable {
  case tick(node: Int, life: Int)
  case endOfBatch(node: Int, life: Int)
  case delivery(Message, from: Int, to: Int)
  case diskDone(node: Int, life: Int, sequence: PersistSequence)
  case snapshotDone(node: Int, life: Int, Snapshot)
  case changeMembers
  case restart(node: Int)
  case crash(node: Int, life: Int)
  case fault
  case heal(partition: Int)
  case invoke(client: Int)
  case retry(client: Int, operation: UInt64)
  case clientTimeout(client: Int, operation: UInt64)
}
