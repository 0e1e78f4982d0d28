import Generators

extension FaultAction {
  /// Random numbers for the choices that a fault makes while it is at work, one stream a name.
  ///
  /// They come from the action alone, so that `schedule.json` repeats them too; not from its position or length, which
  /// change when a schedule is cut down.
  func stream(_ name: String) -> RandomStream {
    RandomStreams(seed: UInt64(bitPattern: at)).stream("\(fault)/\(order.joined(separator: " "))/\(name)")
  }
}
