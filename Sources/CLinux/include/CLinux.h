#ifndef CLINUX_H
#define CLINUX_H

// Linux interfaces that Swift's Glibc module does not show, and the code between clone and exec, where only
// async-signal-safe C may run.

#include <fcntl.h>
#include <linux/fuse.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "fl_disk.h"
#include "fl_enter.h"
#include "fl_network.h"
#include "fl_packets.h"
#include "fl_process.h"
#include "fl_skew.h"

#endif
