/// All at once: whichever has the soonest operation goes first.
///
/// Of operations due at the same moment, that of the child served longest ago wins (at first of the earlier argument),
/// so that none starves. Over when all are.
public func race(_ children: any Generator...) -> some Generator { Race(children) }

/// All at once: whichever has the soonest operation goes first.
public func race(_ children: [any Generator]) -> some Generator { Race(children) }

struct Race: Generator {
  private var siblings: Siblings
  private var order: ServiceOrder

  init(_ children: [any Generator]) {
    siblings = Siblings(children)
    order = ServiceOrder(count: children.count)
  }

  mutating func next(_ context: Context) -> Next {
    let (answer, winner) = siblings.soonest(among: order.indices, at: context.time) { _ in context }
    if let winner { order.served(winner) }
    return answer
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    for index in siblings.children.indices { siblings.update(index, context, event) }
  }
}
