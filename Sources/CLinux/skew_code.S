// The code that stands in for the clock functions of a process's vDSO, with the data that it reads: one block that runs
// wherever it is copied to. Nothing here is called in this program; `skew.c` hands out the bytes.
//
// Each function makes the system call that it replaces, then applies the line of the slot in use:
//
//   skewed = true + offset + (true - base) * rate / 2^32        times in nanoseconds since 1970
//
// The slot in use is the counter's lowest bit. A writer fills the other slot, then counts: no reader waits, and one that
// was overtaken sees another count and reads again.
//
// Only registers that the C ABI lets a function spoil are touched: rax, rcx, rdx, rsi, rdi, r8 … r11.

#if defined(__x86_64__)

#define SYS_gettimeofday 96
#define SYS_clock_gettime 228
#define CLOCK_REALTIME_COARSE 5
// A bit for each clock that tells the time of day: CLOCK_REALTIME (0), CLOCK_REALTIME_COARSE (5), CLOCK_TAI (11).
#define CLOCKS_OF_DAY 0x821
#define CLOCK_MAX 11
#define SLOT_BYTES 24

	.section .rodata.fl_skew, "a", @progbits
	.hidden fl_skew_begin, fl_skew_counter, fl_skew_slots, fl_skew_code, fl_skew_end
	.hidden fl_skew_clock_gettime, fl_skew_gettimeofday, fl_skew_time
	.globl fl_skew_begin, fl_skew_counter, fl_skew_slots, fl_skew_code, fl_skew_end
	.globl fl_skew_clock_gettime, fl_skew_gettimeofday, fl_skew_time

	.balign 64
fl_skew_begin:
fl_skew_counter:
	.quad 0
fl_skew_slots:                          // two of: base, offset, rate
	.fill 6, 8, 0

	.balign 64
fl_skew_code:
// int clock_gettime(clockid_t edi, struct timespec *rsi)
fl_skew_clock_gettime:
	mov	$SYS_clock_gettime, %eax
	syscall
	test	%eax, %eax
	jnz	1f
	cmp	$CLOCK_MAX, %edi
	ja	1f
	mov	$CLOCKS_OF_DAY, %ecx
	bt	%edi, %ecx
	jnc	1f
	imul	$1000000000, (%rsi), %rax
	add	8(%rsi), %rax
	call	apply
	mov	%rax, (%rsi)
	mov	%rdx, 8(%rsi)
	xor	%eax, %eax
1:	ret

// int gettimeofday(struct timeval *rdi, struct timezone *rsi)
fl_skew_gettimeofday:
	mov	$SYS_gettimeofday, %eax
	syscall
	test	%eax, %eax
	jnz	1f
	test	%rdi, %rdi
	jz	1f
	imul	$1000000000, (%rdi), %rax
	imul	$1000, 8(%rdi), %rdx
	add	%rdx, %rax
	call	apply
	mov	%rax, (%rdi)
	mov	%rdx, %rax
	xor	%edx, %edx
	mov	$1000, %ecx
	div	%rcx
	mov	%rax, 8(%rdi)
	xor	%eax, %eax
1:	ret

// time_t time(time_t *rdi), from the coarse clock, as the kernel's
fl_skew_time:
	push	%rdi
	sub	$16, %rsp
	mov	$CLOCK_REALTIME_COARSE, %edi
	mov	%rsp, %rsi
	call	fl_skew_clock_gettime
	mov	(%rsp), %rax
	add	$16, %rsp
	pop	%rdi
	test	%rdi, %rdi
	jz	1f
	mov	%rax, (%rdi)
1:	ret

// In: rax, the true time in nanoseconds. Out: rax, the skewed time's seconds; rdx, its nanoseconds. Keeps rsi and rdi.
apply:
	mov	%rax, %r10
1:	mov	fl_skew_counter(%rip), %r8d
	mov	%r8d, %ecx
	and	$1, %ecx
	imul	$SLOT_BYTES, %rcx, %rcx
	lea	fl_skew_slots(%rip), %r9
	add	%rcx, %r9
	mov	%r10, %rax
	sub	(%r9), %rax
	imulq	16(%r9)                 // rdx:rax, 128 bits
	shrd	$32, %rdx, %rax
	add	8(%r9), %rax
	cmp	fl_skew_counter(%rip), %r8d
	jne	1b
	add	%r10, %rax
	xor	%edx, %edx
	mov	$1000000000, %ecx
	div	%rcx
	ret
fl_skew_end:

#endif
	.section .note.GNU-stack, "", @progbits
