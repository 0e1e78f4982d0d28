/// The strongly connected components of a view that hold a cycle (Tarjan 1972, without recursion).
struct Components {
  /// The nodes of each component that has more than one, in the order in which they were closed.
  private(set) var members: [[UInt32]] = []

  var isEmpty: Bool { members.isEmpty }

  init(_ view: GraphView) {
    var walk = Walk(view)
    for root in 0..<UInt32(view.count) where walk.index[Int(root)] == Walk.unseen { walk.run(from: root) }
    members = walk.members
  }

  private struct Walk {
    static let unseen: UInt32 = 0
    static let closed = UInt32.max

    let view: GraphView
    /// By node: the least number that it reaches on the stack; unseen, or closed.
    var index: [UInt32]
    var members: [[UInt32]] = []
    private var number: UInt32 = 0
    /// The way down to the node at hand: each with the number that it got and the next successor to take.
    private var path: [(node: UInt32, own: UInt32, place: UInt32)] = []
    /// Nodes that were left and not closed.
    private var open: [UInt32] = []

    init(_ view: GraphView) {
      self.view = view
      index = [UInt32](repeating: Self.unseen, count: view.count)
    }

    mutating func run(from root: UInt32) {
      enter(root)
      while let top = path.last {
        let least = index[Int(top.node)]
        if Int(top.place) == view.successorCount(top.node) {
          path.removeLast()
          leave(top.node, top.own, least)
          continue
        }
        path[path.count - 1].place += 1
        let target = view.successor(top.node, Int(top.place))
        if target == TransactionGraph.none { continue }
        let reached = index[Int(target)]
        if reached == Self.unseen { enter(target) } else if reached < least { index[Int(top.node)] = reached }
      }
    }

    private mutating func enter(_ node: UInt32) {
      number += 1
      index[Int(node)] = number
      path.append((node, number, 0))
    }

    private mutating func leave(_ node: UInt32, _ own: UInt32, _ least: UInt32) {
      if let parent = path.last, least < index[Int(parent.node)] { index[Int(parent.node)] = least }
      if least < own { return open.append(node) }
      index[Int(node)] = Self.closed
      // Everything of its component was left after it was entered: those with a number not below its own.
      var component: [UInt32] = []
      while let last = open.last, index[Int(last)] >= own {
        index[Int(last)] = Self.closed
        component.append(last)
        open.removeLast()
      }
      if component.isEmpty { return }
      component.append(node)
      members.append(component)
    }
  }
}
