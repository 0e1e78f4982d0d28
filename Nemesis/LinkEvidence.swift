import Clusters
import Histories

/// Proof of a cut: the packets that the kernel dropped on the links that were to be cut.
///
/// A link without a counter counts as zero. One dropped packet is enough for `took`: a node that is down, or a system
/// that talks in a star, leaves many links silent.
///
/// - Parameter flapped: what came of the same cut before this healing, where it was made and healed many times.
func dropEvidence(_ drops: [Link: Drops], on links: Set<Link>, _ flapped: Flapping.Record? = nil) -> FaultEvidence {
  var sum = Drops(packets: 0, bytes: 0)
  var dropping = 0
  let rows = links.sorted().map { link -> Value in
    let counted = (drops[link] ?? Drops(packets: 0, bytes: 0)) + (flapped?.drops[link] ?? Drops(packets: 0, bytes: 0))
    sum = sum + counted
    dropping += counted.packets > 0 ? 1 : 0
    return [
      "from": .string(link.from), "to": .string(link.to),
      "packets": .int(Int64(counted.packets)), "bytes": .int(Int64(counted.bytes)),
    ]
  }
  var summary = "\(sum.packets) packets dropped on \(dropping) of \(links.count) cut links"
  var detail: [String: Value] = [
    "packets": .int(Int64(sum.packets)), "bytes": .int(Int64(sum.bytes)), "links": .list(rows),
  ]
  if let flapped {
    summary += ", which were cut \(flapped.cuts == 1 ? "once" : "\(flapped.cuts) times")"
    summary += flapped.problem.map { ", then \($0)" } ?? ""
    detail["cuts"] = .int(Int64(flapped.cuts))
  }
  return FaultEvidence(took: sum.packets > 0, summary: summary, detail: .map(detail))
}

extension Drops {
  static func + (left: Drops, right: Drops) -> Drops {
    Drops(packets: left.packets + right.packets, bytes: left.bytes + right.bytes)
  }
}
