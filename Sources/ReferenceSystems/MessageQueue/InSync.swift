/// The in-sync set ("ISR"; Kafka's documentation, §4.7; KIP-497 for the change by compare-and-set).
///
/// Deviation from Kafka: the set never gets smaller than `minInsync`. Kafka lets it shrink to the leader alone and refuses
/// records meanwhile; then the leader is the only one that may be elected, and if its disk is lost, so is what was
/// acknowledged. KIP-966 mends that with "eligible leader replicas"; here the members simply stay.
extension Partition {
  /// Drops who lags, takes in who caught up.
  mutating func considerISR(_ context: inout Context) {
    guard let leading, proposal == nil, !isWholeAndCaughtUp(leading, context) else { return }
    let isr = wantedISR(leading, context)
    guard isr != leading.isr else { return }
    if context.configuration.bug == .shrinksISRWithoutAgreement, isr.count < leading.isr.count {
      self.leading?.isr = isr
      self.leading?.isrBound = Set(isr)
      return
    }
    self.leading?.isrBound.formUnion(isr)
    propose(.alterISR(epoch: leading.epoch, isr), &context)
  }

  /// Nearly always, and then there is nothing to consider.
  private func isWholeAndCaughtUp(_ leading: Leading, _ context: Context) -> Bool {
    leading.isr.count == replicas.count
      && leading.followers.values.allSatisfy { $0.lastCaughtUp + context.configuration.replicaLag > context.now }
  }

  private func wantedISR(_ leading: Leading, _ context: Context) -> [NodeID] {
    let configuration = context.configuration
    var stay: [NodeID] = [me]
    var lag: [NodeID] = []
    for node in others {
      guard let follower = leading.followers[node] else { continue }
      if leading.isr.contains(node) {
        if follower.lastCaughtUp + configuration.replicaLag > context.now {
          stay.append(node)
        } else {
          lag.append(node)
        }
      } else if mayJoin(follower, leading, configuration, context.now) {
        stay.append(node)
      }
    }
    let missing = max(0, min(configuration.minInsync, leading.isr.count) - stay.count)
    return (stay + lag.prefix(missing)).sorted()
  }

  /// It must have all that is committed, also all that the leaders before may have committed.
  private func mayJoin(
    _ follower: Leading.Follower, _ leading: Leading, _ configuration: Configuration, _ now: Nanoseconds
  ) -> Bool {
    guard follower.lastContact + configuration.replicaLag > now else { return false }
    return follower.isKnown && follower.end >= max(highWatermark, leading.startOffset)
  }

  /// The register holds this now.
  mutating func isrAltered(_ value: LeaderAndISR, _ context: inout Context) {
    guard leading?.epoch == value.epoch else { return }
    leading?.isr = value.isr
    leading?.isrBound = Set(value.isr)
    // A smaller set may have more in common.
    if let end = leading?.ownEnd {
      let fetch = Fetch(
        epoch: value.epoch, number: 0, offset: end, lastEpoch: log.lastEpoch, highWatermark: highWatermark)
      receive(fetch, from: me, &context)
    }
  }

  /// Whether enough replicas are in sync and within reach to take a record.
  func hasEnoughReplicas(_ context: Context) -> Bool {
    guard let leading else { return false }
    let within = leading.isr.filter { node in
      node == me
        || leading.followers[node].map { $0.lastContact + context.configuration.replicaLag > context.now } == true
    }
    return within.count >= context.configuration.minInsync
  }
}
