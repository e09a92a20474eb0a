"""What stands in the way of a group."""

from shared.errors import Conflict, Refused


class GroupNameTaken(Conflict):
    """Names of groups are unique within a regency/city."""

    code = "group_name_taken"
    message = ("Nama kelompok sudah dipakai di wilayah ini.", "A group of that name exists in this region.")
    action = ("Gunakan nama lain, atau bergabung dengan kelompok yang ada.", "Use another name, or join the group that exists.")


class AlreadyMember(Conflict):
    """An enterprise is in at most one group at a time."""

    code = "already_member"
    message = ("Usaha ini sudah menjadi anggota aktif sebuah kelompok.", "The enterprise is an active member of a group already.")
    action = ("Catat keluarnya usaha dari kelompok lama terlebih dahulu.", "Record that it left the other group first.")


class HeadAlreadyNamed(Conflict):
    """A group has one head."""

    code = "head_already_named"
    message = ("Kelompok ini sudah memiliki ketua.", "The group has a head already.")
    action = ("Daftarkan usaha ini dengan peran lain.", "Have the enterprise join in another role.")


class NotAMember(Conflict):
    """The enterprise is not an active member of this group."""

    code = "not_a_member"
    message = ("Usaha ini bukan anggota aktif kelompok tersebut.", "The enterprise is not an active member of this group.")
    action = ("Lihat GET /facilitation/v1/groups/{{id}}/members.", "See GET /facilitation/v1/groups/{{id}}/members.")


class MemberOutsideRegion(Refused):
    """Members are in the group's regency/city."""

    code = "member_outside_region"
    message = ("Usaha berada di luar wilayah kelompok ({region_code}).", "The enterprise lies outside the group's region ({region_code}).")
    action = ("Bergabunglah dengan kelompok di wilayah usaha.", "Join a group in the enterprise's own region.")


class TooFewMembers(Refused):
    """A group is facilitated from a number of members on, by its type."""

    code = "too_few_members"
    message = (
        "Anggota baru {member_count}; paling sedikit {minimum} ({source}).",
        "There are {member_count} members; at least {minimum} are needed ({source}).",
    )
    action = ("Tambahkan anggota lalu ulangi.", "Add members, then try again.")


class HeadMissing(Refused):
    """A group has one head."""

    code = "head_missing"
    message = ("Kelompok belum mempunyai ketua.", "The group has no head.")
    action = ("Tunjuk ketua dengan change-head.", "Name one with change-head.")


class FactsMissing(Refused):
    """Each type of group is known by facts of its own."""

    code = "group_facts_missing"
    message = ("Untuk {group_type} masih kurang: {missing_facts}.", "For a {group_type} these are missing: {missing_facts}.")
    action = ("Kirim semuanya dalam facts.", "Send all of them in facts.")


class AlreadyHead(Conflict):
    """The member is the head already."""

    code = "already_head"
    message = ("Anggota ini sudah menjadi ketua.", "This member is the head already.")
    action = ("Pilih anggota lain.", "Choose another member.")


class NotACooperative(Conflict):
    """Annual meetings are those of cooperatives."""

    code = "not_a_cooperative"
    message = ("Hanya koperasi yang mencatat rapat anggota tahunan (RAT).", "Only a cooperative records annual meetings (RAT).")
    action = ("Jadikan koperasi lebih dahulu dengan incorporate.", "Have it incorporated first.")


class CannotIncorporate(Conflict):
    """A kelompok or klaster may become a cooperative; a sentra may not, and a cooperative is one."""

    code = "cannot_incorporate"
    message = ("Hanya kelompok dan klaster yang dapat menjadi koperasi.", "Only a kelompok or klaster becomes a cooperative.")
    action = ("Bentuk koperasi baru.", "Form a new cooperative.")


class MeetingKnown(Conflict):
    """One annual meeting for each book year."""

    code = "annual_meeting_known"
    message = ("RAT tahun buku {book_year} sudah dicatat.", "The annual meeting of {book_year} is recorded already.")
    action = ("Periksa tahun bukunya.", "Check the book year.")


class BookYearOpen(Refused):
    """An annual meeting is held after its book year."""

    code = "book_year_open"
    message = ("Tahun buku {book_year} belum berakhir.", "Book year {book_year} has not ended.")
    action = ("Catat sesudah tahun buku berakhir.", "Record it after the book year.")


class OpenGroupFinancing(Conflict):
    """A group with credit under way is not dissolved."""

    code = "open_group_financing"
    message = (
        "Masih ada {count} pengajuan atau pinjaman kelompok yang berjalan.",
        "{count} applications through this group or loans of it are under way.",
    )
    action = ("Selesaikan atau tarik pengajuannya lebih dahulu.", "Finish or withdraw them first.")


class GroupsDiffer(Refused):
    """Members go over between groups of one region."""

    code = "groups_differ"
    message = ("Kedua kelompok harus berbeda dan berada di wilayah yang sama.", "The two groups must be different ones of the same region.")
    action = ("Pilih kelompok lain di wilayah itu.", "Choose another group of the region.")


class MembersNotPlaced(Refused):
    """When a group splits, each member is placed in exactly one successor."""

    code = "members_not_placed"
    message = ("{count} anggota belum ditempatkan tepat satu kali.", "{count} members are not placed exactly once.")
    action = ("Sebut setiap anggota tepat satu kali, dalam dua kelompok penerus atau lebih.", "Name each member exactly once, in two successors or more.")
