/// A block of `RegisterZones`: a write, or the initial value, with all that depends on it.
struct RegisterBlock: BitwiseCopyable {
  /// The value that the chain starts with.
  var value: UInt32
  /// f: the earliest return, and whose it is.
  var earliestReturn = RegisterZones.none
  var first = RegisterZones.none
  /// s: the latest invocation, and whose it is.
  var latestInvocation: UInt32 = 0
  var last = RegisterZones.none

  var isEmpty: Bool { last == RegisterZones.none }
}

extension RegisterZones {
  /// All blocks, that of the initial value first; or the first pair of operations that are in the wrong order inside a
  /// block: the later one returned before the earlier one was invoked.
  borrowing func blocks() -> ([RegisterBlock], flaw: (UInt32, UInt32)?) {
    var blocks: [RegisterBlock] = []
    var start = RegisterBlock(value: initial)
    if let flaw = sweep(&start) { return ([], flaw) }
    blocks.append(start)
    for id in 0..<UInt32(history.count) {
      guard case .write(let value) = history.operations[Int(id)], writer[value] == id else { continue }
      var block = RegisterBlock(value: value)
      if let flaw = sweep(&block) { return ([], flaw) }
      blocks.append(block)
    }
    return (blocks, nil)
  }

  /// Walks the block's groups in order; whatever returns before something of an earlier group was invoked is a flaw.
  private borrowing func sweep(_ block: inout RegisterBlock) -> (UInt32, UInt32)? {
    var (value, id) = (block.value, writer[block.value])
    while true {
      if id != Self.initialWriter, let other = extend(&block, id, history.completions[Int(id)], id) {
        return (other, id)
      }
      if firstReader[value] != Self.none {
        let earliest = UInt32(truncatingIfNeeded: earliestRead[value])
        let completion = UInt32(earliestRead[value] >> 32)
        if let other = extend(&block, earliest, completion, lastReader[value]) { return (other, earliest) }
      }
      id = consumer[value]
      guard id != Self.none, let next = history.operations[Int(id)].written else { return nil }
      value = next
    }
  }

  /// Adds a group: its earliest return, and its latest invocation; the member that should have preceded it but did not.
  @inline(__always) private borrowing func extend(
    _ block: inout RegisterBlock, _ earliest: UInt32, _ completion: UInt32, _ latest: UInt32
  ) -> UInt32? {
    if !block.isEmpty, completion < block.latestInvocation { return block.last }
    if completion < block.earliestReturn { (block.earliestReturn, block.first) = (completion, earliest) }
    let invocation = history.invocations[Int(latest)]
    if block.isEmpty || invocation > block.latestInvocation {
      (block.latestInvocation, block.last) = (invocation, latest)
    }
    return nil
  }

  /// Puts the blocks in the order of f + s, or finds two that must each precede the other.
  borrowing func arrange(_ blocks: [RegisterBlock]) -> RuleDecision.Outcome {
    // f + s has 33 bits, the block's number 31: there are fewer than 2³² events, and two of them in every operation.
    var keys: [UInt64] = []
    keys.reserveCapacity(blocks.count)
    for place in 1..<max(1, blocks.count) {
      let sum = UInt64(blocks[place].earliestReturn) + UInt64(blocks[place].latestInvocation)
      keys.append(sum << 31 | UInt64(place))
    }
    RadixSort.sort(&keys, fromBit: 31)
    var latest = blocks[0]
    var order: [UInt32] = []
    order.reserveCapacity(history.count)
    place(blocks[0], in: &order)
    for key in keys {
      let block = blocks[Int(key & (1 << 31 - 1))]
      if !latest.isEmpty, block.earliestReturn < latest.latestInvocation {
        let ends = [block.first, block.last, latest.last] + (latest.value == initial ? [] : [latest.first])
        return .violation(core: core(of: ends))
      }
      if latest.isEmpty || block.latestInvocation > latest.latestInvocation { latest = block }
      place(block, in: &order)
    }
    return .linearizable(order: order)
  }

  private borrowing func place(_ block: RegisterBlock, in order: inout [UInt32]) {
    var (value, id) = (block.value, writer[block.value])
    while true {
      if id != Self.initialWriter { order.append(id) }
      var reader = firstReader[value]
      while reader != Self.none {
        order.append(reader)
        reader = nextReader[reader]
      }
      id = consumer[value]
      guard id != Self.none, let next = history.operations[Int(id)].written else { return }
      value = next
    }
  }
}
