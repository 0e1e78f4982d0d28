/// The indices of the keys in increasing order of key, equal keys in order of index: least significant digit first, in
/// three passes of 11 bits, as many as the largest key needs.
///
/// Event indices are what the rules sort, a million at a time: a comparison sort takes ten times as long.
func radixOrder(_ keys: [UInt32]) -> [UInt32] {
  let digit = 11
  var order = [UInt32](unsafeUninitializedCapacity: keys.count) { places, count in
    for place in 0..<keys.count { places.initializeElement(at: place, to: UInt32(place)) }
    count = keys.count
  }
  if keys.count < 256 {
    order.sort { (keys[Int($0)], $0) < (keys[Int($1)], $1) }
    return order
  }
  let largest = keys.max() ?? 0
  var next = order
  for shift in stride(from: 0, to: 32, by: digit) where largest >> UInt32(shift) > 0 {
    var ends = [Int](repeating: 0, count: 1 << digit)
    for key in keys { ends[Int(key >> UInt32(shift)) & (1 << digit - 1)] += 1 }
    var start = 0
    for bucket in ends.indices { (ends[bucket], start) = (start, start + ends[bucket]) }
    for index in order {
      let bucket = Int(keys[Int(index)] >> UInt32(shift)) & (1 << digit - 1)
      next[ends[bucket]] = index
      ends[bucket] += 1
    }
    swap(&order, &next)
  }
  return order
}
