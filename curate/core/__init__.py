"""What everything stands on: values, memory maps, exact distances, threads and vector code."""
