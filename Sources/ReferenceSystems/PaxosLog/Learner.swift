/// The learner (§2.3): finds out what is chosen, and applies it in order.
extension MultiPaxos {
  /// The leader tells how far all is chosen. A proposal accepted in the leader's own ballot is the one that it counted;
  /// anything else in such a slot may have lost, and must be asked for.
  mutating func learn(_ chosen: Chosen) {
    catchingUp.heard(of: chosen.chosenThrough, from: chosen.ballot.node)
    while chosenThrough < chosen.chosenThrough, !isHalted {
      let proposal = log[chosenThrough + 1]
      if proposal?.ballot == chosen.ballot {
        applyNext()
      } else if proposal == nil, configuration.bug == .gapServedAsEmpty {
        chosenThrough += 1
      } else {
        break
      }
    }
    serveReads()
  }

  /// Applies the value of the next slot, which is chosen and stands in the log, and answers the client whose command it
  /// was, if this node knows one: on every node that was asked for it.
  mutating func applyNext() {
    guard let proposal = log[chosenThrough + 1] else {
      halt("slot \(chosenThrough + 1) is chosen, but its value is not in the log")
      return
    }
    chosenThrough += 1
    if case .command(let command) = proposal.value {
      finish(command.id, machine.apply(command, at: chosenThrough))
    }
    takeSnapshotIfDue()
  }

  /// After a restart: what the disk says to be chosen, as far as its values are there.
  mutating func applyRecovered(through last: Slot) {
    while chosenThrough < last, let proposal = log[chosenThrough + 1] {
      chosenThrough += 1
      if case .command(let command) = proposal.value { _ = machine.apply(command, at: chosenThrough) }
    }
  }
}
