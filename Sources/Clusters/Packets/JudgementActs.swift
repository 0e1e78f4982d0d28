/// One thing to do for a packet.
struct PacketAct {
  /// In nanoseconds.
  var release: Int64
  var act: HeldPacket.Act
  /// What the packet filter is to count it as.
  var fates: PacketFates
}

extension Judgement {
  /// What is done for a packet, and when: that it goes on, changed or not, and packets of ours beside it.
  func acts(on bytes: UnsafeRawBufferPointer, _ header: PacketHeader, id: UInt32) -> [PacketAct] {
    var passing: [UInt8]?
    if resetsReceiver, let segment = header.segment {
      passing = ForgedPacket.resetForReceiver(header.flow, segment)
    } else if let flip {
      passing = ForgedPacket.flipped(bytes, bit: flip)
    }
    // The copy alone is counted as a duplicate, and the answer to a sender as nothing.
    var acts = [
      PacketAct(release: release, act: .pass(id: id, passing), fates: fates.subtracting(.duplicate))
    ]
    if resetsSender, let segment = header.segment {
      // At once: the number that the sender expects now may be old later.
      let answer = ForgedPacket.resetForSender(header.flow, segment)
      acts.append(PacketAct(release: .min, act: .send(answer), fates: []))
    }
    if fates.contains(.duplicate) {
      acts.append(
        PacketAct(
          release: release, act: .send(passing ?? Array(bytes)), fates: fates.intersection([.duplicate, .probe])))
    }
    return acts
  }
}
