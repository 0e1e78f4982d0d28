import Generators
import Histories
import Systems
import Testing

@testable import Runs

@Suite struct ResenderTests {
  private func operation(_ id: Int) -> PendingOperation {
    PendingOperation(id: id, function: "write", value: .int(Int64(id)), keyed: false)
  }

  private func resender(nodes: Int = 3, seed: UInt64 = 1) -> Resender {
    Resender(firstSlot: 10, nodes: nodes, stream: RandomStream(seed: seed))
  }

  private let all = Resending(percent: 100, withinSeconds: 2)

  @Test func everyShareIsKept() {
    for percent in [1, 5, 50] {
      var resender = resender()
      var sent = 0
      for id in 1...20_000 {
        resender.ended(Repetition(operation(id), Resending(percent: percent, withinSeconds: 0)), at: 0)
        while let next = resender.next(at: 0) {
          sent += 1
          #expect(next.operation.id == id)
          resender.finished(slot: next.slot)
        }
      }
      #expect(abs(sent - 200 * percent) < 30 * percent)
      #expect(resender.count == sent)
    }
  }

  @Test func requestsGoInTheOrderOfTheirTimesAndNotBefore() {
    var resender = resender()
    for id in 1...20 { resender.ended(Repetition(operation(id), all), at: 1_000) }
    #expect(resender.next(at: 999) == nil)
    var last: Int64 = 1_000
    var ids: Set<Int> = []
    while let due = resender.nextDue {
      #expect(due >= last)
      #expect(due <= 1_000 + 2_000_000_000)
      #expect(resender.next(at: due - 1) == nil)
      guard let next = resender.next(at: due) else { break }
      ids.insert(next.operation.id)
      resender.finished(slot: next.slot)
      last = due
    }
    #expect(ids == Set(1...20))
  }

  @Test func slotsAreOnesOwnUntilTheyAreGivenBack() {
    var resender = resender()
    let now = Resending(percent: 100, withinSeconds: 0)
    for id in 1...Resender.slotsMax + 5 { resender.ended(Repetition(operation(id), now), at: 0) }
    var slots: Set<Int> = []
    while let next = resender.next(at: 0) { slots.insert(next.slot) }
    #expect(slots == Set(10..<10 + Resender.slotsMax))
    #expect(resender.nextDue == nil)
    resender.finished(slot: 12)
    #expect(resender.nextDue == 0)
    #expect(resender.next(at: 0)?.slot == 12)
  }

  @Test func everyNodeIsAskedAndTheSeedDecidesWhich() {
    func nodes(seed: UInt64) -> [Int] {
      var resender = resender(seed: seed)
      return (1...50).compactMap { id in
        resender.ended(Repetition(operation(id), Resending(percent: 100, withinSeconds: 0)), at: 0)
        let next = resender.next(at: 0)
        if let next { resender.finished(slot: next.slot) }
        return next?.node
      }
    }
    #expect(Set(nodes(seed: 7)) == [0, 1, 2])
    #expect(nodes(seed: 7) == nodes(seed: 7))
    #expect(nodes(seed: 7) != nodes(seed: 8))
  }

  @Test func whatWaitsIsLimited() {
    var resender = resender()
    for id in 1...Resender.waitingMax + 100 { resender.ended(Repetition(operation(id), all), at: 0) }
    var sent = 0
    while let next = resender.next(at: .max) {
      sent += 1
      resender.finished(slot: next.slot)
    }
    #expect(sent == Resender.waitingMax)
  }
}
