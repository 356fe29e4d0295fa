"""What arrives and what is computed from it: immutable Parquet files, and the engines that read them."""
