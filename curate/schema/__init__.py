"""Text that comes in and goes out: the job, the strategies, the reports."""
