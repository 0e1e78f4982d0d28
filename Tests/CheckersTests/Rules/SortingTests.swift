@testable import Checkers
import Generators
import Testing

/// What rules sort and queue with, at sizes that random histories of a dozen operations never reach.
@Suite struct SortingTests {
  @Test(arguments: [0, 1, 511, 513, 5_000]) func radixSortSorts(count: Int) {
    var random = RandomStreams(seed: 1).stream("radix sort")
    for bits in [1, 11, 33, 64] as [UInt64] {
      var keys = (0..<count).map { _ in random.next() >> (64 - bits) }
      let expected = keys.sorted()
      RadixSort.sort(&keys)
      #expect(keys == expected, "\(bits) bits")
    }
  }

  /// The low bits are positions: equal keys keep their order.
  @Test func radixSortIsStable() {
    var random = RandomStreams(seed: 2).stream("radix sort")
    var keys = (0..<3_000).map { UInt64(random.below(40)) << 31 | UInt64($0) }
    let expected = keys.sorted()
    RadixSort.sort(&keys, fromBit: 31)
    #expect(keys == expected)
  }

  @Test func heapGivesTheSmallestFirst() {
    var random = RandomStreams(seed: 3).stream("heap")
    var (heap, model) = (MinHeap(), [UInt64]())
    for _ in 0..<5_000 {
      if random.below(5) < 3 {
        let key = UInt64(random.below(200))
        heap.push(key)
        model.append(key)
      } else {
        let smallest = model.min()
        #expect(heap.min == smallest)
        #expect(heap.pop() == smallest)
        if let place = model.firstIndex(where: { $0 == smallest }) { model.remove(at: place) }
      }
    }
  }
}
