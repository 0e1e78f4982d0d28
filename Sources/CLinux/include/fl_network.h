#ifndef FL_NETWORK_H
#define FL_NETWORK_H

#include <stdint.h>

/// The call that failed while a network was made.
typedef enum {
  FL_NETWORK_OK = 0,
  FL_NETWORK_SOCKET,
  FL_NETWORK_UNSHARE,
  FL_NETWORK_THREAD,
  FL_NETWORK_NAMESPACE,
  FL_NETWORK_BRIDGE,
  FL_NETWORK_LINK,
  FL_NETWORK_LOOPBACK,
  FL_NETWORK_ADDRESS,
  FL_NETWORK_DELETE,
} fl_network_step;

struct fl_network_failure {
  fl_network_step step;
  int error;
};

/// Makes the bridge `name` with an address (host byte order) in the calling process's network namespace, up.
/// Returns its interface index, or -1 with `failure` set.
int fl_bridge_create(const char *name, uint32_t address, int prefix, struct fl_network_failure *failure);

/// Deletes the bridge and every node's pair of interfaces. Returns 0, or -1 with `failure` set.
int fl_links_delete(struct fl_network_failure *failure);

/// Makes a network namespace that only the returned descriptor holds: loopback up, `eth0` with the address, up, its peer
/// `peer` up in the caller's namespace as a port of the bridge. IPv4 only on eth0: a second family would go around cuts.
/// Returns the descriptor, or -1 with `failure` set.
int fl_node_network(
  int bridge_index, const char *peer, uint32_t address, int prefix, struct fl_network_failure *failure);

#endif
