import Clusters
import Histories

/// Proof of a cut: the packets that the kernel dropped on the links that were to be cut.
///
/// A link without a counter counts as zero. One dropped packet is enough for `took`: a node that is down, or a system
/// that talks in a star, leaves many links silent.
func dropEvidence(_ drops: [Link: Drops], on links: Set<Link>) -> FaultEvidence {
  var packets = 0
  var bytes = 0
  var dropping = 0
  let rows = links.sorted().map { link -> Value in
    let counted = drops[link] ?? Drops(packets: 0, bytes: 0)
    packets += counted.packets
    bytes += counted.bytes
    dropping += counted.packets > 0 ? 1 : 0
    return [
      "from": .string(link.from), "to": .string(link.to),
      "packets": .int(Int64(counted.packets)), "bytes": .int(Int64(counted.bytes)),
    ]
  }
  return FaultEvidence(
    took: packets > 0, summary: "\(packets) packets dropped on \(dropping) of \(links.count) cut links",
    detail: ["packets": .int(Int64(packets)), "bytes": .int(Int64(bytes)), "links": .list(rows)])
}
